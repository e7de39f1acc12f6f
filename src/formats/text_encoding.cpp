#include "formats/text_encoding.hpp"

#include <cstddef>

namespace clef {

namespace {

unsigned byte_at(std::string_view text, std::size_t i) {
    return static_cast<unsigned char>(text[i]);
}

// How many bytes the character that begins with this byte has; 0 for a byte that begins none.
std::size_t length_of(unsigned first) {
    if (first < 0x80) return 1;
    if (first >= 0xC2 && first < 0xE0) return 2;
    if (first >= 0xE0 && first < 0xF0) return 3;
    if (first >= 0xF0 && first < 0xF5) return 4;
    return 0;
}

}  // namespace

bool is_utf8(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t length = length_of(byte_at(text, i));
        if (length == 0 || length > text.size() - i) return false;
        for (std::size_t k = 1; k < length; ++k) {
            if ((byte_at(text, i + k) & 0xC0) != 0x80) return false;
        }
        i += length;
    }
    return true;
}

std::string to_utf8(std::string_view text) {
    const bool as_it_is = is_utf8(text);
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const unsigned byte = byte_at(text, i);
        if (byte < 0x20 || byte == 0x7F) {
            result += ' ';
        } else if (byte < 0x80 || as_it_is) {
            result += text[i];
        } else {
            result += static_cast<char>(0xC0 | (byte >> 6));
            result += static_cast<char>(0x80 | (byte & 0x3F));
        }
    }
    return result;
}

}  // namespace clef
