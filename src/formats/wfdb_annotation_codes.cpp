#include "formats/wfdb_annotation_codes.hpp"

#include <array>
#include <fmt/format.h>

namespace clef {

namespace {

// Codes without a mnemonic are empty here.
constexpr std::array<std::string_view, max_wfdb_annotation_code + 1> mnemonics{
    " ", "N", "L",  "R", "a", "V", "F", "J", "A", "S",  // 0–9
    "E", "j", "/",  "Q", "~", "",  "|", "",  "s", "T",  // 10–19
    "*", "D", "\"", "=", "p", "B", "^", "t", "+", "u",  // 20–29
    "?", "!", "[",  "]", "e", "n", "@", "x", "f", "(",  // 30–39
    ")", "r", "",   "",  "",  "",  "",  "",  "",  "",   // 40–49
};

}  // namespace

std::string wfdb_mnemonic(int code, const WfdbAnnotationTypes& own) {
    if (const auto found = own.find(code); found != own.end()) return found->second.mnemonic;
    if (code < 0 || code > max_wfdb_annotation_code || mnemonics[code].empty()) {
        return fmt::format("[{}]", code);
    }
    return std::string(mnemonics[static_cast<std::size_t>(code)]);
}

std::optional<int> wfdb_annotation_code(std::string_view mnemonic, const WfdbAnnotationTypes& own) {
    for (int code = 0; code <= max_wfdb_annotation_code; ++code) {
        if (wfdb_mnemonic(code, own) == mnemonic) return code;
    }
    return std::nullopt;
}

}  // namespace clef
