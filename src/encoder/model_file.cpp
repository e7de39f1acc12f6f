// Model files: clef's own metadata around the tensors, and the way to those of others.
#include "base/error.hpp"
#include "base/file.hpp"
#include "base/progress.hpp"
#include "encoder/import.hpp"
#include "encoder/mapped_pages.hpp"
#include "encoder/model.hpp"
#include "encoder/model_note.hpp"
#include "encoder/safetensors.hpp"

namespace clef {

namespace {

using Json = nlohmann::json;

const std::string& metadata_of(const SafetensorsHeader& file, const std::string& key,
                               const std::string& source) {
    const auto it = file.metadata.find(key);
    if (it == file.metadata.end()) {
        fail_input(
            "{}: no '{}' in its metadata: a damaged model file. Expected a file written by "
            "`clef pretrain` or `clef model import`",
            source, key);
    }
    return it->second;
}

Model parse_model(const SafetensorsHeader& file, const std::string& source) {
    Json note = Json::object();
    for (const char* key : {"architecture", "recipe", "labels", "provenance"}) {
        const std::string name = fmt::format("clef.{}", key);
        note[key] = parse_note(metadata_of(file, name, source), source);
    }
    if (const auto head = file.metadata.find("clef.head"); head != file.metadata.end()) {
        note["head"] = parse_note(head->second, source);
    }
    if (const auto version = file.metadata.find("clef.version"); version != file.metadata.end()) {
        note["version"] = Json::parse(version->second, nullptr, false);
        if (note["version"].is_discarded()) note["version"] = version->second;
    }
    return model_of_note(note, source);
}

Model read_clef_model(const MappedFile& file, const SafetensorsHeader& header,
                      const std::string& source, bool keep_precision) {
    Model model = parse_model(header, source);
    for (const auto& [name, stored] : header.tensors) {
        const std::string what = fmt::format("{}: tensor '{}'", source, name);
        Tensor tensor = read_tensor(stored, what);
        drop_pages(file, stored.storage);
        const bool half =
            tensor.type == ElementType::float16 || tensor.type == ElementType::bfloat16;
        model.tensors[name] =
            half && !keep_precision ? to_float32(std::move(tensor), what) : std::move(tensor);
    }
    check_tensors(model, source);
    return model;
}

}  // namespace

Model read_model(const std::filesystem::path& path, const ReadModelOptions& options) {
    const MappedFile file(path);
    const std::string source = path.string();
    if (looks_like_safetensors(file.bytes())) {
        const SafetensorsHeader header = parse_safetensors(file.bytes(), source);
        if (header.metadata.contains("clef.architecture")) {
            return read_clef_model(file, header, source, options.keep_precision);
        }
    }
    ImportOptions import;
    import.keep_precision = options.keep_precision;
    Imported imported = import_model(file, source, import);
    if (!options.quiet) note(fmt::format("{}: {}", source, imported.recognised));
    return std::move(imported.model);
}

void write_model(const Model& model, const std::filesystem::path& path,
                 const WriteModelOptions& options) {
    check_tensors(model, path.string());
    std::map<std::string, std::string> metadata = {{"format", "pt"}};
    const Json note = model_note(model);
    for (const auto& [key, value] : note.items()) metadata["clef." + key] = value.dump();
    if (options.digests) {
        Json digests = Json::object();
        for (const auto& [name, tensor] : model.tensors) digests[name] = tensor_digest(tensor);
        metadata["clef.digests"] = digests.dump();
    }
    write_safetensors(metadata, model.tensors, path);
}

std::map<std::string, std::string> recorded_digests(const std::filesystem::path& path) {
    const MappedFile file(path);
    if (!looks_like_safetensors(file.bytes())) return {};
    const SafetensorsHeader header = parse_safetensors(file.bytes(), path.string());
    const auto it = header.metadata.find("clef.digests");
    if (it == header.metadata.end()) return {};
    try {
        return parse_note(it->second, path.string()).get<std::map<std::string, std::string>>();
    } catch (const Json::exception& error) {
        fail_input("{}: metadata: clef.digests: {}", path.string(), error.what());
    }
}

bool looks_like_model(const std::filesystem::path& path) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error)) return false;
    const MappedFile file(path);
    const auto bytes = file.bytes();
    // Text files may begin like a pickle of protocol 0; those are not taken for models here.
    return looks_like_checkpoint(bytes) &&
           (bytes[0] == std::byte{'P'} || bytes[0] == std::byte{0x80} ||
            looks_like_safetensors(bytes));
}

}  // namespace clef
