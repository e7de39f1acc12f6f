#include "pretraining/checksum.hpp"

#include <fmt/format.h>
#include <span>
#include <zlib.h>

namespace clef {

namespace {

class Crc {
  public:
    void add(std::span<const std::byte> bytes) {
        value_ = ::crc32_z(value_, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
    }
    void add(std::string_view text) { add(std::as_bytes(std::span(text))); }
    void add(const std::string& name, const Shape& shape, std::span<const std::byte> bytes) {
        add(name);
        add(shape_text(shape));
        add(bytes);
    }
    std::string hex() const { return fmt::format("{:08x}", value_); }

  private:
    uLong value_ = ::crc32_z(0, nullptr, 0);
};

}  // namespace

std::string content_checksum(std::string_view state, const Tensors& tensors) {
    Crc crc;
    crc.add(state);
    for (const auto& [name, tensor] : tensors) crc.add(name, tensor.shape, tensor.data);
    return crc.hex();
}

std::string content_checksum(std::string_view state, const StoredTensors& tensors) {
    Crc crc;
    crc.add(state);
    for (const auto& [name, tensor] : tensors) crc.add(name, tensor.shape, tensor.storage);
    return crc.hex();
}

}  // namespace clef
