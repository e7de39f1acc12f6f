#include "encoder/onnx/wire.hpp"

#include <bit>
#include <iterator>
#include <utility>

#include "encoder/little_endian.hpp"

namespace clef::onnx {

namespace {

constexpr unsigned varint = 0;
constexpr unsigned eight_bytes = 1;
constexpr unsigned length_delimited = 2;
constexpr unsigned four_bytes = 5;

}  // namespace

void WireMessage::append(std::string_view bytes) {
    if (pieces_.empty() || !pieces_.back().borrowed.empty()) pieces_.emplace_back();
    pieces_.back().own += bytes;
    size_ += bytes.size();
}

void WireMessage::append_varint(std::uint64_t value) {
    std::string bytes;
    for (; value >= 0x80; value >>= 7) bytes += static_cast<char>(value | 0x80);
    append(bytes + static_cast<char>(value));
}

void WireMessage::append_tag(int field, unsigned wire_type) {
    append_varint(static_cast<std::uint64_t>(field) << 3 | wire_type);
}

void WireMessage::add_integer(int field, std::int64_t value) {
    append_tag(field, varint);
    append_varint(static_cast<std::uint64_t>(value));
}

void WireMessage::add_integers(int field, std::span<const std::int64_t> values) {
    for (const std::int64_t value : values) add_integer(field, value);
}

void WireMessage::add_float(int field, float value) {
    append_tag(field, four_bytes);
    std::string bytes;
    append_little_endian(bytes, std::bit_cast<std::uint32_t>(value));
    append(bytes);
}

void WireMessage::add_double(int field, double value) {
    append_tag(field, eight_bytes);
    std::string bytes;
    append_little_endian(bytes, std::bit_cast<std::uint64_t>(value));
    append(bytes);
}

void WireMessage::add_text(int field, std::string_view value) {
    append_tag(field, length_delimited);
    append_varint(value.size());
    append(value);
}

void WireMessage::add_borrowed(int field, std::span<const std::byte> value) {
    append_tag(field, length_delimited);
    append_varint(value.size());
    pieces_.back().borrowed = value;
    size_ += value.size();
}

void WireMessage::add_message(int field, WireMessage&& value) {
    append_tag(field, length_delimited);
    append_varint(value.size_);
    pieces_.insert(pieces_.end(), std::make_move_iterator(value.pieces_.begin()),
                   std::make_move_iterator(value.pieces_.end()));
    size_ += value.size_;
    value = {};
}

void WireMessage::write(AtomicFile& file) const {
    for (const Piece& piece : pieces_) {
        file.write(piece.own);
        file.write(piece.borrowed.data(), piece.borrowed.size());
    }
}

std::string WireMessage::bytes() const {
    std::string all;
    for (const Piece& piece : pieces_) {
        all += piece.own;
        all.append(reinterpret_cast<const char*>(piece.borrowed.data()), piece.borrowed.size());
    }
    return all;
}

}  // namespace clef::onnx
