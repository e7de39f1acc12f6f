#include "encoder/model.hpp"

#include <cmath>

#include "base/error.hpp"
#include "base/random.hpp"
#include "base/text.hpp"
#include "encoder/safetensors.hpp"

namespace clef {

namespace {

using Json = nlohmann::json;

struct BuiltIn {
    const char* name;
    Net1dShape shape;
};

// Width lists: released code of CLEF and ECGFounder, checked against the published tensor lists.
const std::vector<BuiltIn>& built_ins() {
    static const std::vector<BuiltIn> list = {
        {"clef-small", {1, 32, 0.5, {32, 64, 64, 128, 128, 256}, {1, 1, 2, 2, 2, 2}, 16, 2, 8, 0}},
        {"clef-medium",
         {1, 64, 1.0, {64, 160, 160, 400, 400, 1024, 1024}, {2, 2, 2, 3, 3, 4, 4}, 16, 2, 16, 0}},
        {"clef-large",
         {1,
          128,
          1.5,
          {128, 256, 256, 512, 512, 1024, 1024, 2048, 2048},
          {2, 3, 3, 4, 4, 5, 5, 6, 6},
          16,
          2,
          32,
          0}},
        {"ecgfounder",
         {1,
          64,
          1.0,
          {64, 160, 160, 400, 400, 1024, 1024},
          {2, 2, 2, 3, 3, 4, 4},
          16,
          2,
          16,
          150}}};
    return list;
}

// The JSON library would round 1.5 and wrap what leaves an int.
int whole_number(const Json& json) {
    if (!json.is_number_unsigned() || json.get<std::uint64_t>() > 1U << 30) {
        fail_input("{} is no size of a network", json.dump());
    }
    return json.get<int>();
}

std::vector<int> whole_numbers(const Json& json) {
    std::vector<int> numbers;
    for (const Json& number : json) numbers.push_back(whole_number(number));
    return numbers;
}

Net1dShape parse_shape(const Json& json) {
    Net1dShape shape;
    shape.input_leads = whole_number(json.at("input_leads"));
    shape.base_channels = whole_number(json.at("base_channels"));
    shape.ratio = json.at("ratio").get<double>();
    shape.stage_channels = whole_numbers(json.at("stage_channels"));
    shape.stage_blocks = whole_numbers(json.at("stage_blocks"));
    shape.kernel = whole_number(json.at("kernel"));
    shape.stride = whole_number(json.at("stride"));
    shape.group_width = whole_number(json.at("group_width"));
    shape.outputs = whole_number(json.at("outputs"));
    check_shape(shape);
    return shape;
}

const std::string& metadata_of(const SafetensorsFile& file, const std::string& key,
                               const std::string& source) {
    const auto it = file.metadata.find(key);
    if (it == file.metadata.end()) {
        fail_input(
            "{}: no '{}' in its metadata: not a clef model file. Expected a file written by "
            "`clef pretrain`",
            source, key);
    }
    return it->second;
}

Net1dShape parse_shape_of(const std::string& source, const Json& architecture) {
    try {
        return parse_shape(architecture);
    } catch (const InputError& error) {
        fail_input("{}: {}", source, error.what());
    }
}

// The first few of a long list, and how many more.
void append_list(std::string& message, const char* title, const std::vector<std::string>& items) {
    if (items.empty()) return;
    constexpr std::size_t shown = 12;
    message += fmt::format("\n  {} ({}):", title, items.size());
    for (std::size_t i = 0; i < std::min(shown, items.size()); ++i) message += " " + items[i];
    if (items.size() > shown) message += fmt::format(" and {} more", items.size() - shown);
}

Tensor random_tensor(const TensorSpec& spec, std::int64_t fan_in, std::uint64_t seed) {
    Tensor tensor = Tensor::zeros(spec.shape, spec.type);
    if (spec.type != ElementType::float32) return tensor;
    const bool batch_norm = spec.name.find("bn") != std::string::npos;
    if (batch_norm) {
        const bool one = spec.name.ends_with("weight") || spec.name.ends_with("running_var");
        for (float& value : tensor.floats()) value = one ? 1.0F : 0.0F;
        return tensor;
    }
    Random random(seed, "weights:" + spec.name);
    const double bound = 1 / std::sqrt(static_cast<double>(fan_in));
    for (float& value : tensor.floats()) value = static_cast<float>(random.uniform(-bound, bound));
    return tensor;
}

}  // namespace

std::vector<std::string> architecture_names() {
    std::vector<std::string> names;
    for (const BuiltIn& built_in : built_ins()) names.emplace_back(built_in.name);
    return names;
}

Net1dShape architecture_shape(const std::string& name, int leads) {
    for (const BuiltIn& built_in : built_ins()) {
        if (name != built_in.name) continue;
        Net1dShape shape = built_in.shape;
        shape.input_leads = leads;
        return shape;
    }
    fail_input("no architecture '{}'.{}", name, suggestion(name, architecture_names()));
}

Model random_model(const std::string& architecture, int leads, std::uint64_t seed) {
    Model model;
    model.architecture = architecture;
    model.shape = architecture_shape(architecture, leads);
    model.recipe = clef_recipe(leads);
    model.provenance = {
        {"objective", "none: random weights"}, {"seed", seed}, {"program", CLEF_VERSION}};
    std::int64_t fan_in = 1;  // a bias follows its weight in the list and shares its fan-in
    for (const TensorSpec& spec : net1d_tensors(model.shape)) {
        if (spec.shape.size() > 1) {
            fan_in = static_cast<std::int64_t>(element_count(spec.shape)) / spec.shape.front();
        }
        model.tensors[spec.name] = random_tensor(spec, fan_in, seed);
    }
    return model;
}

void check_tensors(const Model& model, const std::string& source) {
    std::vector<std::string> missing;
    std::vector<std::string> different;
    Tensors::size_type matched = 0;
    std::vector<std::string> extra;
    Tensors expected;
    for (const TensorSpec& spec : net1d_tensors(model.shape)) {
        expected[spec.name] = {};
        const auto it = model.tensors.find(spec.name);
        if (it == model.tensors.end()) {
            missing.push_back(spec.name);
        } else if (it->second.shape != spec.shape || it->second.type != spec.type) {
            different.push_back(fmt::format(
                "{} {} {} (expected {} {})", spec.name, element_name(it->second.type),
                shape_text(it->second.shape), element_name(spec.type), shape_text(spec.shape)));
        } else {
            ++matched;
        }
    }
    for (const auto& [name, tensor] : model.tensors) {
        if (!expected.contains(name)) extra.push_back(name);
    }
    if (missing.empty() && different.empty() && extra.empty()) return;
    std::string message = fmt::format("{}: {} of {} tensors of {} match", source, matched,
                                      expected.size(), model.architecture);
    append_list(message, "missing", missing);
    append_list(message, "of another shape or type", different);
    append_list(message, "not expected", extra);
    throw InputError(message);
}

nlohmann::json shape_json(const Net1dShape& shape) {
    return {{"family", "net1d"},
            {"input_leads", shape.input_leads},
            {"base_channels", shape.base_channels},
            {"ratio", shape.ratio},
            {"stage_channels", shape.stage_channels},
            {"stage_blocks", shape.stage_blocks},
            {"kernel", shape.kernel},
            {"stride", shape.stride},
            {"group_width", shape.group_width},
            {"outputs", shape.outputs}};
}

Model read_model(const std::filesystem::path& path) {
    SafetensorsFile file = read_safetensors(path);
    const std::string source = path.string();
    Model model;
    try {
        const Json architecture = Json::parse(metadata_of(file, "clef.architecture", source));
        if (architecture.at("family") != "net1d") {
            fail_input("{}: architecture family {}, expected \"net1d\"", source,
                       architecture.at("family").dump());
        }
        model.architecture = architecture.at("name").get<std::string>();
        model.shape = parse_shape_of(source, architecture);
        model.recipe = parse_recipe(Json::parse(metadata_of(file, "clef.recipe", source)), source);
        model.labels =
            Json::parse(metadata_of(file, "clef.labels", source)).get<std::vector<std::string>>();
        model.provenance = Json::parse(metadata_of(file, "clef.provenance", source));
    } catch (const Json::exception& error) {
        fail_input("{}: metadata: {}", source, error.what());
    }
    if (model.shape.input_leads != static_cast<int>(model.recipe.leads.size())) {
        fail_input("{}: the encoder takes {} leads, its recipe names {}", source,
                   model.shape.input_leads, model.recipe.leads.size());
    }
    model.tensors = std::move(file.tensors);
    check_tensors(model, source);
    return model;
}

void write_model(const Model& model, const std::filesystem::path& path) {
    check_tensors(model, path.string());
    Json architecture = shape_json(model.shape);
    architecture["name"] = model.architecture;
    SafetensorsFile file;
    file.metadata = {{"format", "pt"},
                     {"clef.architecture", architecture.dump()},
                     {"clef.recipe", recipe_json(model.recipe).dump()},
                     {"clef.labels", Json(model.labels).dump()},
                     {"clef.provenance", model.provenance.dump()}};
    file.tensors = model.tensors;
    write_safetensors(file, path);
}

}  // namespace clef
