// A protocol-buffer message in its wire format (protobuf.dev, "Encoding"), put together field by
// field. Large fields are borrowed, not copied: a message is a list of pieces, written out one
// after the other. Not thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.hpp"

namespace clef::onnx {

class WireMessage {
  public:
    void add_integer(int field, std::int64_t value);  // int32, int64, enum
    void add_integers(int field, std::span<const std::int64_t> values);
    void add_float(int field, float value);
    void add_double(int field, double value);
    void add_text(int field, std::string_view value);  // string or bytes
    // The bytes must outlive the message and every message it becomes a part of.
    void add_borrowed(int field, std::span<const std::byte> value);
    void add_message(int field, WireMessage&& value);

    std::uint64_t size() const { return size_; }
    void write(AtomicFile& file) const;
    std::string bytes() const;  // of a small message, whole

  private:
    struct Piece {
        std::string own;
        std::span<const std::byte> borrowed;  // after `own`
    };

    void append(std::string_view bytes);
    void append_varint(std::uint64_t value);
    void append_tag(int field, unsigned wire_type);

    std::vector<Piece> pieces_;
    std::uint64_t size_ = 0;
};

}  // namespace clef::onnx
