#include "encoder/model.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "base/error.hpp"
#include "base/random.hpp"
#include "encoder/architectures/numbers.hpp"
#include "encoder/model_head.hpp"

namespace clef {

namespace {

// The first few of a long list, and how many more.
void append_list(std::string& message, const char* title, const std::vector<std::string>& items) {
    if (items.empty()) return;
    constexpr std::size_t shown = 12;
    message += fmt::format("\n  {} ({}):", title, items.size());
    for (std::size_t i = 0; i < std::min(shown, items.size()); ++i) message += " " + items[i];
    if (items.size() > shown) message += fmt::format(" and {} more", items.size() - shown);
}

bool fits(const Tensor& tensor, const TensorSpec& spec) {
    const bool type = tensor.type == spec.type ||
                      (spec.type == ElementType::float32 && (tensor.type == ElementType::float16 ||
                                                             tensor.type == ElementType::bfloat16));
    return type && tensor.shape == spec.shape;
}

bool ends_with(const TensorSpec& spec, std::string_view leaf) {
    return std::string_view(spec.name).ends_with(leaf);
}

// A normalisation's tensors leave their input as it is at first: weight and running variance 1, all
// else 0. Its weight is the one-dimensional one; what follows it in the list shares its prefix.
class NormalisationTensors {
  public:
    // Whether `spec`, the next of the list, belongs to a normalisation.
    bool holds(const TensorSpec& spec) {
        const std::string prefix = spec.name.substr(0, spec.name.rfind('.') + 1);
        if (ends_with(spec, "weight")) prefix_ = spec.shape.size() == 1 ? prefix : "none";
        return prefix == prefix_;
    }

  private:
    std::string prefix_ = "none";  // no prefix: those end in a dot
};

Tensor constant_tensor(const TensorSpec& spec) {
    Tensor tensor = Tensor::zeros(spec.shape, spec.type);
    if (spec.type != ElementType::float32) return tensor;
    const bool one = ends_with(spec, "weight") || ends_with(spec, "running_var");
    for (float& value : tensor.floats()) value = one ? 1.0F : 0.0F;
    return tensor;
}

Tensor random_tensor(const TensorSpec& spec, std::int64_t fan_in, std::uint64_t seed) {
    Tensor tensor = Tensor::zeros(spec.shape, spec.type);
    if (spec.type != ElementType::float32) return tensor;
    Random random(seed, "weights:" + spec.name);
    const double bound = 1 / std::sqrt(static_cast<double>(fan_in));
    for (float& value : tensor.floats()) value = static_cast<float>(random.uniform(-bound, bound));
    return tensor;
}

// Of the dense layer that a family other than net1d may have behind everything.
int head_outputs(const Model& model) {
    return model.family == "net1d" ? 0 : model.config.value("outputs", 0);
}

}  // namespace

nlohmann::json model_config(const Model& model) {
    if (model.family == "net1d") return shape_json(model.shape);
    nlohmann::json config = model.config;
    config["family"] = model.family;
    return config;
}

void set_model_config(Model& model, const nlohmann::json& config) {
    const Family& family = find_family(config.at("family").get<std::string>());
    model.family = family.name;
    model.config = family.checked(config);
    if (model.family == "net1d") {
        model.shape = parse_shape(model.config);
    } else if (config.contains("outputs")) {
        set_model_outputs(model, built_in::whole_number(config, "outputs", 0, 1 << 16));
    }
}

int model_labelled_outputs(const Model& model) {
    if (head_outputs(model) > 0) return head_outputs(model);
    return find_family(model.family).labelled_outputs(model_config(model));
}

int model_embedding_size(const Model& model) {
    if (model.family == "net1d") return model.shape.embedding_size();
    return find_family(model.family).outputs(model_config(model));
}

void set_model_outputs(Model& model, int outputs) {
    if (model.family == "net1d") {
        model.shape.outputs = outputs;
    } else if (outputs > 0) {
        model.config["outputs"] = outputs;
    } else {
        model.config.erase("outputs");
    }
}

Model without_head(const Model& model) {
    Model plain = model;
    set_model_outputs(plain, 0);
    plain.labels.clear();
    plain.head = nullptr;
    plain.tensors.erase("dense.weight");
    plain.tensors.erase("dense.bias");
    return plain;
}

std::vector<TensorSpec> model_tensors(const Model& model) {
    auto specs = find_family(model.family).tensors(model_config(model));
    if (const int outputs = head_outputs(model); outputs > 0) {
        specs.push_back({"dense.weight", {outputs, model_embedding_size(model)}});
        specs.push_back({"dense.bias", {outputs}});
    }
    return specs;
}

std::size_t model_parameters(const Model& model) {
    const auto outputs = static_cast<std::size_t>(head_outputs(model));
    return find_family(model.family).parameters(model_config(model)) +
           outputs * (static_cast<std::size_t>(model_embedding_size(model)) + 1);
}

std::uint64_t model_multiply_adds(const Model& model) {
    const auto outputs = static_cast<std::uint64_t>(head_outputs(model));
    return find_family(model.family)
               .multiply_adds(model_config(model), model.recipe.window_samples()) +
           outputs * static_cast<std::uint64_t>(model_embedding_size(model));
}

int model_input_leads(const Model& model) {
    return find_family(model.family).input_leads(model_config(model));
}

int model_outputs(const Model& model) {
    if (head_outputs(model) > 0) return head_outputs(model);
    return find_family(model.family).outputs(model_config(model));
}

std::vector<std::string> architecture_names() {
    std::vector<std::string> names;
    for (const Architecture& architecture : architectures()) names.push_back(architecture.name);
    return names;
}

Net1dShape architecture_shape(const std::string& name, int leads) {
    const Architecture& architecture = find_architecture(name);
    if (architecture.family != "net1d") {
        fail_input("architecture '{}' is of family {}, expected net1d", name, architecture.family);
    }
    return parse_shape(architecture.config(leads));
}

Model empty_model(const std::string& architecture, int leads) {
    const Architecture& found = find_architecture(architecture);
    Model model;
    model.architecture = architecture;
    nlohmann::json config = found.config(leads);
    config["family"] = found.family;
    set_model_config(model, config);
    model.recipe = found.recipe(leads);
    model.labels = found.labels;
    return model;
}

Model random_model(const std::string& architecture, int leads, std::uint64_t seed) {
    Model model = empty_model(architecture, leads);
    model.provenance = {
        {"objective", "none: random weights"}, {"seed", seed}, {"program", CLEF_VERSION}};
    draw_weights(model, seed);
    return model;
}

void draw_weights(Model& model, std::uint64_t seed) {
    const Family& family = find_family(model.family);
    const nlohmann::json config = model_config(model);
    std::int64_t fan_in = 1;  // a bias follows its weight in the list and shares its fan-in
    NormalisationTensors normalisations;
    for (const TensorSpec& spec : model_tensors(model)) {
        if (spec.shape.size() > 1) {
            fan_in = static_cast<std::int64_t>(element_count(spec.shape)) / spec.shape.front();
        }
        const bool normalisation = normalisations.holds(spec);
        Tensor own;
        if (family.draw && family.draw(config, spec, seed, own)) {
            model.tensors[spec.name] = std::move(own);
        } else {
            model.tensors[spec.name] =
                normalisation ? constant_tensor(spec) : random_tensor(spec, fan_in, seed);
        }
    }
}

void check_tensors(const Model& model, const std::string& source) {
    std::vector<std::string> missing;
    std::vector<std::string> different;
    std::vector<std::string> extra;
    std::set<std::string> expected;
    std::size_t matched = 0;
    for (const TensorSpec& spec : model_tensors(model)) {
        expected.insert(spec.name);
        const auto it = model.tensors.find(spec.name);
        if (it == model.tensors.end()) {
            missing.push_back(spec.name);
        } else if (!fits(it->second, spec)) {
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

}  // namespace clef
