// Numbers as little-endian bytes, appended to a string: what zip archives, pickles and protocol
// buffers are made of.
#pragma once

#include <concepts>
#include <string>
#include <type_traits>

namespace clef {

template <std::integral Number>
void append_little_endian(std::string& bytes, Number number) {
    auto rest = static_cast<std::make_unsigned_t<Number>>(number);
    for (std::size_t i = 0; i < sizeof(Number); ++i) {
        bytes += static_cast<char>(rest & 0xFF);
        if constexpr (sizeof(Number) > 1) rest >>= 8;
    }
}

}  // namespace clef
