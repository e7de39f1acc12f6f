#include "encoder/safetensors.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/file.hpp"
#include "encoder/mapped_pages.hpp"

namespace clef {

namespace {

static_assert(std::endian::native == std::endian::little, "tensor bytes are copied as they lie");

using Json = nlohmann::json;
constexpr std::uint64_t max_header_bytes = 100'000'000;  // the format's own limit

constexpr std::pair<const char*, ElementType> type_names[] = {
    {"F32", ElementType::float32}, {"F16", ElementType::float16}, {"BF16", ElementType::bfloat16},
    {"F64", ElementType::float64}, {"I64", ElementType::int64},   {"I32", ElementType::int32},
    {"U8", ElementType::uint8}};

struct Entry {
    std::string name;
    ElementType type;
    Shape shape;
    std::uint64_t begin;
    std::uint64_t end;
};

[[noreturn]] void fail_tensor(const std::string& source, const std::string& name,
                              const std::string& trouble) {
    fail_input("{}: tensor '{}': {}", source, name, trouble);
}

// Whole, non-negative numbers; the JSON library would round 1.5 and wrap −1.
template <typename Number>
std::vector<Number> parse_numbers(const Json& list) {
    if (!list.is_array() || !std::all_of(list.begin(), list.end(), [](const Json& number) {
            return number.is_number_unsigned();
        })) {
        throw std::invalid_argument("expected a list of whole, non-negative numbers");
    }
    return list.get<std::vector<Number>>();
}

Entry parse_entry(const std::string& source, const std::string& name, const Json& value) {
    Entry entry{name, {}, {}, 0, 0};
    try {
        const auto type = value.at("dtype").get<std::string>();
        const auto* known =
            std::find_if(std::begin(type_names), std::end(type_names),
                         [&](const auto& candidate) { return type == candidate.first; });
        if (known == std::end(type_names)) {
            fail_input("element type '{}' is not read", type);
        }
        entry.type = known->second;
        entry.shape = parse_numbers<Shape::value_type>(value.at("shape"));
        const auto offsets = parse_numbers<std::uint64_t>(value.at("data_offsets"));
        if (offsets.size() != 2) fail_input("expected two data_offsets");
        entry.begin = offsets[0];
        entry.end = offsets[1];
        element_count(entry.shape);  // refuses shapes that overflow
    } catch (const InputError& error) {
        fail_tensor(source, name, error.what());
    } catch (const std::exception& error) {
        fail_tensor(source, name, fmt::format("malformed header entry ({})", error.what()));
    }
    return entry;
}

void check_layout(const std::string& source, std::vector<Entry>& entries, std::uint64_t bytes) {
    std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
        return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
    });
    std::uint64_t position = 0;
    for (const Entry& entry : entries) {
        if (entry.begin != position || entry.end < entry.begin || entry.end > bytes) {
            fail_tensor(
                source, entry.name,
                fmt::format("its bytes {}–{} do not follow on byte {} within the {} bytes of data",
                            entry.begin, entry.end, position, bytes));
        }
        const std::uint64_t expected = element_count(entry.shape) * element_size(entry.type);
        if (entry.end - entry.begin != expected) {
            fail_tensor(source, entry.name,
                        fmt::format("{} bytes, expected {} for {} {}", entry.end - entry.begin,
                                    expected, element_name(entry.type), shape_text(entry.shape)));
        }
        position = entry.end;
    }
    if (position != bytes) {
        fail_input("{}: {} bytes follow the last tensor; the file is damaged", source,
                   bytes - position);
    }
}

Json parse_header(const std::string& source, std::string_view text) {
    if (text.size() < 8) fail_input("{}: {} bytes are no safetensors file", source, text.size());
    std::uint64_t length = 0;
    std::memcpy(&length, text.data(), sizeof length);
    if (length > max_header_bytes || length > text.size() - 8 || length < 2 || text[8] != '{') {
        fail_input("{}: byte 0: no safetensors header (length {} in a file of {} bytes)", source,
                   length, text.size());
    }
    // Nesting is bounded by refusing deep input before the parser recurses into it.
    int depth = 0;
    const auto shallow = [&depth](int level, Json::parse_event_t, Json&) {
        depth = std::max(depth, level);
        if (depth > 8) throw std::length_error("nested too deeply");
        return true;
    };
    try {
        Json header = Json::parse(text.substr(8, length), shallow);
        if (!header.is_object()) fail_input("{}: the safetensors header is no JSON object", source);
        return header;
    } catch (const std::length_error& error) {
        fail_input("{}: safetensors header {}", source, error.what());
    } catch (const Json::exception& error) {
        fail_input("{}: safetensors header is not valid JSON: {}", source, error.what());
    }
}

std::vector<std::int64_t> row_major_strides(const Shape& shape) {
    std::vector<std::int64_t> strides(shape.size(), 1);
    for (std::size_t i = shape.size(); i-- > 1;) strides[i - 1] = strides[i] * shape[i];
    return strides;
}

std::string type_code(ElementType type) {
    for (const auto& [code, known] : type_names) {
        if (known == type) return code;
    }
    return "";
}

}  // namespace

bool looks_like_safetensors(std::span<const std::byte> bytes) {
    std::uint64_t length = 0;
    if (bytes.size() < 10) return false;
    std::memcpy(&length, bytes.data(), sizeof length);
    return bytes[8] == std::byte{'{'} && length >= 2 && length <= max_header_bytes;
}

SafetensorsHeader parse_safetensors(std::span<const std::byte> bytes, const std::string& source) {
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    const Json header = parse_header(source, text);
    SafetensorsHeader result;
    std::vector<Entry> entries;
    for (const auto& [name, value] : header.items()) {
        if (name != "__metadata__") {
            entries.push_back(parse_entry(source, name, value));
            continue;
        }
        if (!value.is_object()) fail_input("{}: __metadata__ is no JSON object", source);
        for (const auto& [key, content] : value.items()) {
            if (!content.is_string()) fail_input("{}: metadata '{}' is not a string", source, key);
            result.metadata[key] = content.get<std::string>();
        }
    }
    std::uint64_t length = 0;
    std::memcpy(&length, bytes.data(), sizeof length);
    const auto data = bytes.subspan(8 + length);
    check_layout(source, entries, data.size());
    for (const Entry& entry : entries) {
        StoredTensor tensor;
        tensor.type_name = element_name(entry.type);
        tensor.type = entry.type;
        tensor.element_bytes = element_size(entry.type);
        tensor.shape = entry.shape;
        tensor.strides = row_major_strides(entry.shape);
        tensor.storage = data.subspan(entry.begin, entry.end - entry.begin);
        result.tensors[entry.name] = std::move(tensor);
    }
    return result;
}

SafetensorsFile read_safetensors(const std::filesystem::path& path) {
    const MappedFile file(path);
    const std::string source = path.string();
    SafetensorsHeader header = parse_safetensors(file.bytes(), source);
    SafetensorsFile result;
    result.metadata = std::move(header.metadata);
    for (const auto& [name, tensor] : header.tensors) {
        result.tensors[name] = read_tensor(tensor, fmt::format("{}: tensor '{}'", source, name));
        drop_pages(file, tensor.storage);
    }
    return result;
}

void write_safetensors(const std::map<std::string, std::string>& metadata, const Tensors& tensors,
                       const std::filesystem::path& path) {
    Json header = Json::object();
    if (!metadata.empty()) header["__metadata__"] = metadata;
    std::uint64_t position = 0;
    for (const auto& [name, tensor] : tensors) {
        const std::uint64_t end = position + tensor.data.size();
        header[name] = {{"dtype", type_code(tensor.type)},
                        {"shape", tensor.shape},
                        {"data_offsets", {position, end}}};
        position = end;
    }
    std::string text = header.dump();
    // Padded with blanks so that the data begins on a multiple of eight bytes, as the format asks.
    text.append((8 - text.size() % 8) % 8, ' ');
    const std::uint64_t length = text.size();
    AtomicFile output(path);
    output.write(&length, sizeof length);
    output.write(text);
    for (const auto& [name, tensor] : tensors) {
        output.write(tensor.data.data(), tensor.data.size());
    }
    output.commit();
}

void write_safetensors(const SafetensorsFile& file, const std::filesystem::path& path) {
    write_safetensors(file.metadata, file.tensors, path);
}

}  // namespace clef
