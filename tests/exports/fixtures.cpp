// What scripts/check-exports.sh lets other programs run: one architecture with procedural weights
// in every format, windows to feed it, and our own outputs.
//
//   export_fixtures ARCHITECTURE LEADS WINDOWS FOLDER
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <numbers>

#include "base/error.hpp"
#include "base/random.hpp"
#include "encoder/export.hpp"
#include "encoder/onnx/export.hpp"
#include "encoder/preprocess.hpp"
#include "formats/npy.hpp"
#include "procedural.hpp"
#include "runtime/session.hpp"

namespace clef {

namespace {

using Windows = std::vector<std::vector<float>>;

// Beats of a sort, a wandering baseline, hum and an electrode's offset, in millivolts.
Recording recording(const Recipe& recipe, std::size_t number) {
    Recording made;
    made.source = "made";
    made.sampling_rate = recipe.sampling_rate;
    for (std::size_t k = 0; k < recipe.leads.size(); ++k) {
        Lead lead{recipe.leads[k], recipe.leads[k], "mV", true, {}};
        Random random(1, "exports", number, k);
        const double offset = random.uniform(-2, 2);
        const double rate = random.uniform(0.8, 2);
        for (std::size_t i = 0; i < recipe.window_samples(); ++i) {
            const double t = static_cast<double>(i) / recipe.sampling_rate;
            const auto wave = [t](double hz) { return std::sin(2 * std::numbers::pi * hz * t); };
            const double beat = std::pow(std::abs(wave(rate / 2)), 40.0);
            lead.samples.push_back(static_cast<float>(offset + beat + 0.3 * wave(0.2) +
                                                      0.05 * wave(50) + 0.02 * random.normal()));
        }
        made.leads.push_back(std::move(lead));
    }
    return made;
}

void write_rows(const std::filesystem::path& path, const Windows& rows,
                std::vector<std::size_t> shape) {
    std::vector<float> all;
    for (const auto& row : rows) all.insert(all.end(), row.begin(), row.end());
    shape.insert(shape.begin(), rows.size());
    write_npy(path, all, shape);
}

Windows outputs(const Session& session, const Windows& windows) {
    Windows rows;
    for (const auto& window : windows) rows.push_back(session.run(window));
    return rows;
}

void write_onnx_files(const Model& model, const std::filesystem::path& folder, bool every_kind) {
    write_onnx(model, {}, folder / "fixed.onnx");
    if (!every_kind) return;
    write_onnx(model, {.dynamic_window = true}, folder / "dynamic.onnx");
    write_onnx(model, {.with_recipe = true}, folder / "recipe.onnx");
}

// Recordings as the graph with the recipe takes them, and as the encoder does.
void write_recipe_rows(const Recipe& recipe, const Session& session, std::size_t count,
                       const std::filesystem::path& folder) {
    Recipe before = recipe;  // what is left to do before the graph: OnnxOptions::with_recipe
    before.z_score = false;
    if (recipe.median_samples == 0) before.notch = before.band_pass_order = 0;
    Windows raw;
    Windows prepared;
    for (std::size_t i = 0; i < count; ++i) {
        const Recording made = recording(recipe, i);
        raw.push_back(Preprocessor(before).windows(made).at(0).samples);
        prepared.push_back(Preprocessor(recipe).windows(made).at(0).samples);
    }
    const std::size_t rows = recipe.leads.size();
    write_rows(folder / "raw.npy", raw, {rows, recipe.window_samples()});
    write_rows(folder / "prepared.npy", prepared, {rows, recipe.window_samples()});
    write_rows(folder / "prepared_expected.npy", outputs(session, prepared),
               {session.output_size()});
}

void run(const std::string& architecture, int leads, std::size_t count,
         const std::filesystem::path& folder) {
    std::filesystem::create_directories(folder);
    Model model = testing::procedural_model(architecture, leads);
    if (architecture == "ecgfounder") model.recipe = ecgfounder_recipe(leads);
    write_model(model, folder / "model.safetensors");
    write_torch(model, folder / "model.pth");
    const bool every_kind = architecture != "clef-large";
    write_onnx_files(model, folder, every_kind);

    const Session session(model);
    model.tensors.clear();
    // Noise, as the goldens of the large encoder have it: with these weights an ECG makes it so
    // ill-conditioned that float32 itself is off by a hundredth.
    Windows windows;
    const auto rows = static_cast<std::size_t>(leads);
    const std::size_t samples = model.recipe.window_samples();
    for (std::size_t i = 0; i < count; ++i) {
        windows.push_back(testing::procedural_input(fmt::format("exports/{}", i), rows * samples));
    }
    write_rows(folder / "windows.npy", windows, {rows, samples});
    write_rows(folder / "expected.npy", outputs(session, windows), {session.output_size()});
    if (!every_kind) return;
    // An odd length, at every halving of which the padding differs.
    constexpr std::size_t odd = 2501;
    Windows cut;
    for (const auto& window : windows)
        cut.emplace_back(window.begin(), window.begin() + rows * odd);
    write_rows(folder / "odd_windows.npy", cut, {rows, odd});
    write_rows(folder / "odd_expected.npy", outputs(session, cut), {session.output_size()});
    write_recipe_rows(model.recipe, session, count, folder);
}

}  // namespace

}  // namespace clef

int main(int argc, char** argv) {
    try {
        if (argc != 5) clef::fail_input("ARCHITECTURE LEADS WINDOWS FOLDER");
        clef::run(argv[1], std::stoi(argv[2]), std::stoul(argv[3]), argv[4]);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "export_fixtures: %s\n", error.what());
        return 2;
    }
    return 0;
}
