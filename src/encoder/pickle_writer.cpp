#include "encoder/pickle_writer.hpp"

#include <limits>

#include "encoder/little_endian.hpp"

namespace clef {

void PickleWriter::global(std::string_view module, std::string_view name) {
    bytes_ += 'c';
    bytes_.append(module).append("\n").append(name).append("\n");
}

void PickleWriter::text(std::string_view utf8) {
    bytes_ += 'X';
    append_little_endian(bytes_, static_cast<std::uint32_t>(utf8.size()));
    bytes_ += utf8;
}

void PickleWriter::integer(std::int64_t value) {
    using Short = std::numeric_limits<std::int32_t>;
    if (value >= Short::min() && value <= Short::max()) {
        bytes_ += 'J';
        append_little_endian(bytes_, static_cast<std::int32_t>(value));
        return;
    }
    bytes_ += "\x8a\x08";  // LONG1 of eight bytes
    append_little_endian(bytes_, value);
}

void PickleWriter::integers(const std::vector<std::int64_t>& values) {
    mark();
    for (const std::int64_t value : values) integer(value);
    tuple();
}

}  // namespace clef
