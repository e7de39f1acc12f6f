#include "encoder/onnx/export.hpp"

#include "base/error.hpp"
#include "encoder/onnx/graph.hpp"
#include "encoder/onnx/net1d_graph.hpp"
#include "encoder/onnx/recipe_graph.hpp"
#include "signal/notch.hpp"

namespace clef {

namespace {

constexpr const char* input_name = "window";

bool filters_in_graph(const Recipe& recipe, const OnnxOptions& options) {
    return options.with_recipe && recipe.median_samples == 0;
}

void check_options(const Recipe& recipe, const OnnxOptions& options) {
    if (options.dynamic_window && options.window_samples) {
        fail_input("--window-samples and --dynamic-window exclude each other");
    }
    if (options.window_samples && *options.window_samples == 0) {
        fail_input("--window-samples 0: expected at least 1");
    }
    constexpr std::size_t most = std::size_t{1} << 24;
    if (options.window_samples && *options.window_samples > most) {
        fail_input("--window-samples {}: expected at most {}", *options.window_samples, most);
    }
    const bool filters = recipe.band_pass_order > 0 || recipe.notch > 0;
    if (options.dynamic_window && filters && filters_in_graph(recipe, options)) {
        fail_input(
            "--with-recipe puts the filters into the graph as constants of one window's length; "
            "leave --dynamic-window out");
    }
}

// The steps in their order; what was added is taken out of `before`.
std::string add_recipe(onnx::Graph& graph, const Recipe& recipe, const OnnxOptions& options,
                       std::size_t samples, Recipe& before) {
    std::string x = input_name;
    if (!options.with_recipe) return x;
    const int leads = static_cast<int>(recipe.leads.size());
    if (filters_in_graph(recipe, options)) {
        if (recipe.notch > 0) {
            x = onnx::add_zero_phase(
                graph, x, "notch",
                notch_filter(recipe.notch, recipe.notch_quality, recipe.sampling_rate), leads,
                samples);
            before.notch = 0;
        }
        if (recipe.band_pass_order > 0) {
            x = onnx::add_zero_phase(
                graph, x, "band_pass",
                butterworth_band_pass(recipe.band_pass_order, recipe.band_pass_low,
                                      recipe.band_pass_high, recipe.sampling_rate),
                leads, samples);
            before.band_pass_order = 0;
        }
    }
    if (recipe.z_score) x = onnx::add_z_score(graph, x, recipe);
    before.z_score = false;
    before.joint_z_score = false;
    return x;
}

std::map<std::string, std::string> metadata(const Model& model, const OnnxSummary& summary) {
    nlohmann::json architecture = model_config(model);
    architecture["name"] = model.architecture;
    std::map<std::string, std::string> entries = {
        {"clef.architecture", architecture.dump()},
        {"clef.recipe", recipe_json(model.recipe).dump()},
        {"clef.labels", nlohmann::json(model.labels).dump()},
        {"clef.provenance", model.provenance.dump()},
        {"clef.program", std::string("clef ") + CLEF_VERSION},
        {"clef.before", recipe_json(summary.before).dump()},
        {"clef.before_text", summary.before_text}};
    if (!model.head.is_null()) entries["clef.head"] = model.head.dump();
    return entries;
}

}  // namespace

void check_onnx_size(std::uint64_t bytes, const std::filesystem::path& path) {
    constexpr std::uint64_t most = (std::uint64_t{1} << 31) - 1;
    if (bytes <= most) return;
    fail_input(
        "{}: {} bytes as ONNX, and a protocol buffer holds at most {} (2 GB); choose --format "
        "safetensors or pth",
        path.string(), bytes, most);
}

OnnxSummary write_onnx(const Model& model, const OnnxOptions& options,
                       const std::filesystem::path& path) {
    if (model.family != "net1d") {
        fail_input(
            "{}: encoders of the family '{}' have no ONNX graph yet; choose --format "
            "safetensors or pth",
            model.architecture, model.family);
    }
    check_tensors(model, path.string());
    check_options(model.recipe, options);
    const std::size_t samples = options.window_samples.value_or(model.recipe.window_samples());
    OnnxSummary summary;
    summary.before = model.recipe;
    if (!options.dynamic_window) {
        summary.before.window_seconds = static_cast<double>(samples) / model.recipe.sampling_rate;
    }
    onnx::Graph graph;
    const std::string x = add_recipe(graph, model.recipe, options, samples, summary.before);
    summary.before_text = recipe_text(summary.before);

    const std::string output = model.shape.outputs > 0 ? "outputs" : "embedding";
    using Dimension = onnx::Dimension;
    const Dimension length = options.dynamic_window ? Dimension("samples")
                                                    : Dimension(static_cast<std::int64_t>(samples));
    graph.input(input_name, {"batch", std::int64_t{model.shape.input_leads}, length});
    graph.output(output, {"batch", std::int64_t{model.shape.output_size()}});
    const auto fixed = options.dynamic_window ? std::nullopt : std::optional(samples);
    onnx::add_net1d(graph, model, x, output, fixed);
    const onnx::WireMessage file =
        std::move(graph).model(model.architecture, metadata(model, summary));
    summary.bytes = file.size();
    check_onnx_size(summary.bytes, path);
    AtomicFile output_file(path);
    file.write(output_file);
    output_file.commit();
    return summary;
}

}  // namespace clef
