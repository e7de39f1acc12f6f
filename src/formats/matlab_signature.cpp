// Which bytes begin a MATLAB file.
#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

#include "formats/matlab_file.hpp"

namespace clef {

namespace {

bool is_level_4(std::span<const std::byte> beginning) {
    std::array<std::uint32_t, 5> words{};  // type, rows, columns, imaginary part, length of name
    if (beginning.size() < sizeof words) return false;
    std::memcpy(words.data(), beginning.data(), sizeof words);
    const std::uint32_t type = words[0];
    const bool numbers = type <= 52 && type % 10 <= 2 && type / 10 <= 5;
    const std::uint32_t name = words[4];
    if (!numbers || words[1] == 0 || words[2] == 0 || words[3] > 1 || name < 2 || name > 64 ||
        beginning.size() < sizeof words + name) {
        return false;
    }
    const std::string_view text(reinterpret_cast<const char*>(beginning.data()) + sizeof words,
                                name);
    return text.back() == '\0' && std::all_of(text.begin(), text.end() - 1, [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '_';
           });
}

}  // namespace

bool is_matlab(std::span<const std::byte> beginning) {
    const std::string_view text(reinterpret_cast<const char*>(beginning.data()), beginning.size());
    constexpr std::size_t header = 128;
    if (text.size() > header && text.starts_with("MATLAB ")) {
        const std::string_view order = text.substr(header - 2, 2);
        return order == "IM" || order == "MI";
    }
    return is_level_4(beginning);
}

}  // namespace clef
