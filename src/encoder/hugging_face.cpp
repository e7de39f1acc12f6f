#include "encoder/hugging_face.hpp"

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/file.hpp"

namespace clef {

namespace {

namespace fs = std::filesystem;

struct Number {
    const char* family;
    const char* place;  // in config.json, as a JSON pointer
    const char* own;    // in Model::config
};

constexpr Number numbers[] = {
    {"moment", "/patch_len", "patch"},
    {"moment", "/d_model", "width"},
    {"moment", "/t5_config/d_model", "width"},
    {"moment", "/t5_config/num_layers", "depth"},
    {"moment", "/t5_config/num_heads", "heads"},
    {"moment", "/t5_config/d_kv", "head_width"},
    {"moment", "/t5_config/d_ff", "hidden"},
    {"moment", "/t5_config/relative_attention_num_buckets", "buckets"},
    {"moment", "/t5_config/relative_attention_max_distance", "farthest"},
    {"moirai", "/d_model", "width"},
    {"moirai", "/num_layers", "depth"},
    {"moirai", "/patch_sizes", "patch_sizes"},
};

nlohmann::json read_config(const fs::path& path) {
    try {
        auto config = nlohmann::json::parse(read_text_file(path, 1 << 20));
        if (config.is_object()) return config;
    } catch (const nlohmann::json::exception& error) {
        fail_input("{}: {}", path.string(), error.what());
    }
    fail_input("{}: expected a JSON object", path.string());
}

}  // namespace

fs::path tensors_file(const fs::path& path) {
    if (!fs::is_directory(path)) return path;
    const fs::path inside = path / "model.safetensors";
    if (fs::exists(inside)) return inside;
    fail_input("{}: a folder without model.safetensors; name the file with the tensors",
               path.string());
}

std::string check_config(const fs::path& tensors, const Model& model) {
    const fs::path path = tensors.parent_path() / "config.json";
    if (tensors.filename() != "model.safetensors" || !fs::exists(path)) return "";
    std::size_t agreed = 0;
    nlohmann::json config;
    for (const Number& number : numbers) {
        if (model.family != number.family) continue;
        if (config.is_null()) config = read_config(path);
        const nlohmann::json::json_pointer place(number.place);
        if (!config.contains(place) || config[place].is_null()) continue;
        if (config[place] != model.config.at(number.own)) {
            fail_input("{}: {} is {}, but the tensors are {}'s, where it is {}", path.string(),
                       number.place + 1, config[place].dump(), model.architecture,
                       model.config.at(number.own).dump());
        }
        ++agreed;
    }
    if (agreed == 0) return "";
    return fmt::format("{}: {} numbers agree with {}'s", path.string(), agreed, model.architecture);
}

}  // namespace clef
