// An encoder as an ONNX file (operator set 17), which any ONNX runtime runs: input "window",
// float32 batch × leads × samples; output "embedding" (or "outputs", where the model has labels),
// float32 batch × values. The batch is any size.
//
// Its metadata_props hold the model file's JSON (clef.architecture, clef.recipe, clef.labels,
// clef.provenance), clef.program, and clef.before: the recipe of what has to happen to a recording
// before the graph, with clef.before_text to read.
#pragma once

#include <filesystem>
#include <optional>

#include "encoder/model.hpp"

namespace clef {

struct OnnxOptions {
    // Samples of a window; none: as the recipe has it.
    std::optional<std::size_t> window_samples = std::nullopt;
    bool dynamic_window = false;  // any number of samples from 1 on
    // Put into the graph what ONNX allows: the z-score, and the notch and band-pass where the
    // window is fixed (onnx/recipe_graph.hpp). A recipe with a running median keeps its filters
    // outside: the median comes between them and the z-score, and a median of 201 samples takes 200
    // times the memory of the window in ONNX.
    bool with_recipe = false;
};

// What is left of the recipe to do before the graph.
struct OnnxSummary {
    Recipe before;
    std::string before_text;  // "lead I, 500 Hz, 10 s, band-pass 0.67–40 Hz order 5, z-score"
    std::uint64_t bytes = 0;
};

// Atomic; streams the tensors without copying them. Errors: InputError for more than the 2 GB that
// a protocol buffer may have, for another family than net1d, for options that exclude each other,
// for windows too short.
OnnxSummary write_onnx(const Model& model, const OnnxOptions& options,
                       const std::filesystem::path& path);

// The limit of 2 GB by itself; `path` is for the message.
void check_onnx_size(std::uint64_t bytes, const std::filesystem::path& path);

}  // namespace clef
