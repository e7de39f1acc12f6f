// Model files: clef's own metadata around the tensors, and the way to those of others.
#include "base/error.hpp"
#include "base/file.hpp"
#include "base/progress.hpp"
#include "encoder/import.hpp"
#include "encoder/mapped_pages.hpp"
#include "encoder/model.hpp"
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

void check_version(const SafetensorsHeader& file, const std::string& source) {
    const auto it = file.metadata.find("clef.version");
    if (it == file.metadata.end()) return;  // version 0
    const Json version = Json::parse(it->second, nullptr, false);
    if (!version.is_number_unsigned() || version.get<std::uint64_t>() > model_file_version) {
        fail_input("{}: version {} of clef's model files; this program reads 0–{}: get a newer one",
                   source, it->second, model_file_version);
    }
}

void set_config(Model& model, const Json& architecture, const std::string& source) {
    try {
        set_model_config(model, architecture);
    } catch (const InputError& error) {
        fail_input("{}: {}", source, error.what());
    }
}

Model parse_model(const SafetensorsHeader& file, const std::string& source) {
    Model model;
    check_version(file, source);
    try {
        const Json architecture = Json::parse(metadata_of(file, "clef.architecture", source));
        model.architecture = architecture.at("name").get<std::string>();
        set_config(model, architecture, source);
        model.recipe = parse_recipe(Json::parse(metadata_of(file, "clef.recipe", source)), source);
        model.labels =
            Json::parse(metadata_of(file, "clef.labels", source)).get<std::vector<std::string>>();
        model.provenance = Json::parse(metadata_of(file, "clef.provenance", source));
    } catch (const Json::exception& error) {
        fail_input("{}: metadata: {}", source, error.what());
    }
    const int leads = model_input_leads(model);
    if (leads != static_cast<int>(model.recipe.leads.size())) {
        fail_input("{}: the encoder takes {} leads, its recipe names {}", source, leads,
                   model.recipe.leads.size());
    }
    return model;
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
    Json architecture = model_config(model);
    architecture["name"] = model.architecture;
    std::map<std::string, std::string> metadata = {
        {"format", "pt"},
        {"clef.version", fmt::format("{}", model_file_version)},
        {"clef.architecture", architecture.dump()},
        {"clef.recipe", recipe_json(model.recipe).dump()},
        {"clef.labels", Json(model.labels).dump()},
        {"clef.provenance", model.provenance.dump()}};
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
        return Json::parse(it->second).get<std::map<std::string, std::string>>();
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
