// Reading a pickle's bytes: fixed-width numbers, counted and newline-ended text, each checked
// against the end. For pickle.cpp only.
#pragma once

#include <bit>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace clef {

class PickleReader {
  public:
    PickleReader(std::span<const std::byte> bytes, const std::string& source)
        : text_(reinterpret_cast<const char*>(bytes.data()), bytes.size()), source_(source) {}

    std::size_t position() const { return position_; }

    // Little-endian, as all of pickle's numbers are but BINFLOAT's.
    template <typename Number>
    Number number() {
        Number value{};
        std::memcpy(&value, take(sizeof value).data(), sizeof value);
        return value;
    }

    double big_endian_double() {
        return std::bit_cast<double>(__builtin_bswap64(number<std::uint64_t>()));
    }

    std::string_view take(std::uint64_t count) {
        if (count > text_.size() - position_) {
            fail("its pickle ends here, in the middle of a value; the file is truncated");
        }
        const std::string_view part = text_.substr(position_, count);
        position_ += count;
        return part;
    }

    std::string_view line() {
        const std::size_t end = text_.find('\n', position_);
        if (end == std::string_view::npos) fail("its pickle ends in the middle of a line");
        const std::string_view part = take(end - position_);
        ++position_;
        return part;
    }

    [[noreturn]] void fail(const std::string& trouble) const {
        fail_input("{}: byte {} of the pickle: {}", source_, position_, trouble);
    }

  private:
    std::string_view text_;
    const std::string& source_;
    std::size_t position_ = 0;
};

}  // namespace clef
