#include "encoder/pickle_text.hpp"

#include <cstdint>

namespace clef {

namespace {

void append_utf8(std::string& text, std::uint32_t code) {
    const auto add = [&text](std::uint32_t byte) { text += static_cast<char>(byte); };
    if (code < 0x80) {
        add(code);
    } else if (code < 0x800) {
        add(0xC0 | (code >> 6));
        add(0x80 | (code & 0x3F));
    } else {
        if (code < 0x10000) {
            add(0xE0 | (code >> 12));
        } else {
            add(0xF0 | ((code >> 18) & 0x07));
            add(0x80 | ((code >> 12) & 0x3F));
        }
        add(0x80 | ((code >> 6) & 0x3F));
        add(0x80 | (code & 0x3F));
    }
}

}  // namespace

std::string raw_unicode(std::string_view line) {
    std::string text;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const auto byte = static_cast<unsigned char>(line[i]);
        const char kind = byte == '\\' && i + 1 < line.size() ? line[i + 1] : '\0';
        const std::size_t digits = kind == 'u' ? 4 : kind == 'U' ? 8 : 0;
        std::uint32_t code = byte;
        if (digits > 0 && i + 1 + digits < line.size()) {
            code = 0;
            for (const char digit : line.substr(i + 2, digits)) {
                const int value = digit >= '0' && digit <= '9'   ? digit - '0'
                                  : digit >= 'a' && digit <= 'f' ? digit - 'a' + 10
                                  : digit >= 'A' && digit <= 'F' ? digit - 'A' + 10
                                                                 : 0;
                code = code * 16 + static_cast<std::uint32_t>(value);
            }
            i += 1 + digits;
        }
        append_utf8(text, code);
    }
    return text;
}

std::string_view unquoted(std::string_view line) {
    const bool quoted = line.size() >= 2 && (line.front() == '\'' || line.front() == '"') &&
                        line.back() == line.front();
    return quoted ? line.substr(1, line.size() - 2) : line;
}

}  // namespace clef
