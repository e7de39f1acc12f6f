#include "formats/npy.hpp"

#include <bit>
#include <cassert>
#include <cstdint>
#include <cstring>
#include <fmt/format.h>
#include <functional>
#include <numeric>
#include <string_view>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/text.hpp"

namespace clef {

namespace {

static_assert(std::endian::native == std::endian::little, "the arrays are stored little-endian");

constexpr std::string_view magic = "\x93NUMPY";
constexpr std::size_t max_dimensions = 8;

// NumPy leaves room for the first dimension to grow to this many digits when rows are appended.
constexpr std::size_t growth_digits = 21;

std::string shape_text(const std::vector<std::size_t>& shape) {
    if (shape.size() == 1) return fmt::format("({},)", shape[0]);
    return fmt::format("({})", fmt::join(shape, ", "));
}

// The text behind "'key':" in the header's dictionary.
std::string_view value_of(std::string_view dictionary, std::string_view key,
                          const std::string& file) {
    const std::string quoted = fmt::format("'{}':", key);
    const std::size_t found = dictionary.find(quoted);
    if (found == std::string_view::npos) fail_input("{}: the NumPy header has no {}", file, key);
    return trim(dictionary.substr(found + quoted.size()));
}

std::vector<std::size_t> parse_shape(std::string_view text, const std::string& file) {
    const std::size_t close = text.find(')');
    if (!text.starts_with('(') || close == std::string_view::npos) {
        fail_input("{}: NumPy shape: expected '(numbers)', found '{}'", file, text.substr(0, 60));
    }
    std::vector<std::size_t> shape;
    for (const std::string_view part : split(text.substr(1, close - 1), ',')) {
        if (trim(part).empty()) continue;
        const auto size = parse_integer(part);
        if (!size || *size < 0 || shape.size() == max_dimensions) {
            fail_input("{}: NumPy shape: expected at most {} sizes, found '{}'", file,
                       max_dimensions, text.substr(0, close + 1));
        }
        shape.push_back(static_cast<std::size_t>(*size));
    }
    return shape;
}

// The number of values, or a failure when the shape asks for more bytes than there are.
std::size_t count_values(const std::vector<std::size_t>& shape, std::size_t bytes,
                         std::size_t value_bytes, const std::string& file) {
    std::size_t count = 1;
    const std::size_t limit = bytes / value_bytes;
    for (const std::size_t size : shape) {
        if (size != 0 && count > limit / size) {
            fail_input(
                "{}: {} bytes of values found, too few for the shape {}; is the file cut off?",
                file, bytes, shape_text(shape));
        }
        count *= size;
    }
    return count;
}

struct Dictionary {
    std::string_view text;
    std::size_t data_begins = 0;
};

Dictionary find_dictionary(std::string_view text, const std::string& file) {
    if (!text.starts_with(magic) || text.size() < 10) {
        fail_input("{}: not a NumPy .npy file", file);
    }
    const auto byte = [&](std::size_t i) {
        return static_cast<std::size_t>(static_cast<unsigned char>(text[i]));
    };
    const std::size_t major = byte(6);
    if (major < 1 || major > 3 || (major > 1 && text.size() < 12)) {
        fail_input("{}: .npy version {}, expected 1, 2 or 3", file, major);
    }
    std::size_t length = byte(8) | byte(9) << 8;
    std::size_t begin = 10;
    if (major > 1) {
        length |= byte(10) << 16 | byte(11) << 24;
        begin = 12;
    }
    if (length > text.size() - begin) fail_input("{}: the NumPy header is cut off", file);
    return {text.substr(begin, length), begin + length};
}

}  // namespace

NpyHeader parse_npy_header(std::string_view text, const std::string& file) {
    const Dictionary dictionary = find_dictionary(text, file);
    NpyHeader header;
    const std::string_view type = value_of(dictionary.text, "descr", file);
    const std::size_t type_end = type.starts_with('\'') ? type.find('\'', 1) : std::string::npos;
    if (type_end == std::string_view::npos) {
        fail_input("{}: values of type {}, expected one type of numbers", file, type.substr(0, 60));
    }
    header.type = type.substr(1, type_end - 1);
    header.fortran_order = !value_of(dictionary.text, "fortran_order", file).starts_with("False");
    header.shape = parse_shape(value_of(dictionary.text, "shape", file), file);
    header.data_begins = dictionary.data_begins;
    return header;
}

std::size_t count_npy_values(const NpyHeader& header, std::size_t bytes, std::size_t value_bytes,
                             const std::string& file) {
    return count_values(header.shape, bytes, value_bytes, file);
}

NpyArray read_npy(const std::filesystem::path& path) {
    const MappedFile mapped(path);
    const std::string file = path.string();
    const NpyHeader header = parse_npy_header(mapped.text(), file);
    const bool is_float = header.type == "<f4";
    if (!is_float && header.type != "<f8") {
        fail_input("{}: values of type '{}', expected '<f4' or '<f8' (float32 or float64)", file,
                   header.type);
    }
    if (header.fortran_order) {
        fail_input("{}: stored in Fortran order, expected C order (numpy.ascontiguousarray)", file);
    }
    NpyArray array;
    array.shape = header.shape;
    const std::string_view data = mapped.text().substr(header.data_begins);
    const std::size_t value_bytes = is_float ? sizeof(float) : sizeof(double);
    array.values.resize(count_values(array.shape, data.size(), value_bytes, file));
    for (std::size_t i = 0; i < array.values.size(); ++i) {
        if (is_float) {
            std::memcpy(&array.values[i], data.data() + i * value_bytes, value_bytes);
        } else {
            double wide = 0;
            std::memcpy(&wide, data.data() + i * value_bytes, value_bytes);
            array.values[i] = static_cast<float>(wide);
        }
    }
    return array;
}

std::string npy_header(const std::vector<std::size_t>& shape) {
    std::string dictionary =
        fmt::format("{{'descr': '<f4', 'fortran_order': False, 'shape': {}, }}", shape_text(shape));
    if (!shape.empty()) {
        dictionary.append(growth_digits - std::to_string(shape.front()).size(), ' ');
    }
    const std::size_t preamble = magic.size() + 4;
    const std::size_t unpadded = preamble + dictionary.size() + 1;
    dictionary.append((64 - unpadded % 64) % 64, ' ');
    dictionary += '\n';

    std::string header(magic);
    header += '\x01';
    header += '\x00';
    header += static_cast<char>(dictionary.size() & 0xFF);
    header += static_cast<char>(dictionary.size() >> 8);
    return header + dictionary;
}

void write_npy(const std::filesystem::path& path, std::span<const float> values,
               const std::vector<std::size_t>& shape) {
    assert(std::accumulate(shape.begin(), shape.end(), std::size_t{1}, std::multiplies<>()) ==
           values.size());
    AtomicFile file(path);
    file.write(npy_header(shape));
    file.write(values.data(), values.size_bytes());
    file.commit();
}

}  // namespace clef
