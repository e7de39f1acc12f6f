// An encoder as data: architecture, recipe, labels, provenance, tensors; and the model file that
// holds it, a .safetensors with JSON metadata (clef.architecture, clef.recipe, clef.labels,
// clef.head where there is one, clef.provenance, clef.version) and the tensors under their upstream
// names.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "encoder/architecture.hpp"
#include "encoder/net1d.hpp"
#include "encoder/recipe.hpp"
#include "encoder/tensor.hpp"

namespace clef {

struct Model {
    std::string architecture;      // "clef-small", …
    std::string family = "net1d";  // which of encoder/architecture.hpp's families it belongs to
    Net1dShape shape;              // the numbers of a net1d
    nlohmann::json config = {};    // the numbers of every other family
    Recipe recipe;
    std::vector<std::string> labels;  // of the dense layer's outputs; empty for a plain encoder
    // Of a model whose dense layer was fitted to a task, what its outputs are for (docs/models.md):
    // "task", "title", "kind", "activation", "names", "unit", "thresholds", "protocol". Else null.
    nlohmann::json head = nullptr;
    nlohmann::json provenance = nlohmann::json::object();
    Tensors tensors;
};

// What the model's family says of it.
nlohmann::json model_config(const Model& model);  // with "family", as the model file holds it
std::vector<TensorSpec> model_tensors(const Model& model);
std::size_t model_parameters(const Model& model);       // trained numbers
std::uint64_t model_multiply_adds(const Model& model);  // of one window of its recipe
int model_input_leads(const Model& model);
int model_outputs(const Model& model);                              // numbers per window
void set_model_config(Model& model, const nlohmann::json& config);  // family and numbers, checked

// The built-in architectures (encoder/architectures/): clef-small, clef-medium, clef-large
// (arXiv 2512.02180 and its released code) and ecgfounder (the same network with 150 outputs), each
// with 1 or 12 leads.
std::vector<std::string> architecture_names();
Net1dShape architecture_shape(const std::string& name,
                              int leads = 1);  // InputError suggests a name

// A model of that architecture with its numbers and recipe, and no tensors yet.
Model empty_model(const std::string& architecture, int leads = 1);

// A model whose weights are drawn as PyTorch draws them by default (uniform within ±1/√fan-in for
// weights and biases; batch-norm 1 and 0), from clef's own generator: the same seed, the same
// bytes.
Model random_model(const std::string& architecture, int leads, std::uint64_t seed);

// The same for a model whose numbers are set already: every tensor is drawn anew.
void draw_weights(Model& model, std::uint64_t seed);

// Every tensor present, of the right shape and type (float16 and bfloat16 stand for float32), and
// nothing else; otherwise an InputError lists what is missing, extra or different. `source` is for
// the message.
void check_tensors(const Model& model, const std::string& source);

struct ReadModelOptions {
    // Leave float16 and bfloat16 tensors as they are; else they are widened, exactly, to float32.
    bool keep_precision = false;
    bool quiet = false;  // no note on standard error of what was recognised
};

// A model file of clef, or, found by content, a safetensors file or PyTorch checkpoint of a
// built-in architecture (encoder/import.hpp), which gets that architecture's recipe; a note on
// standard error says what was recognised. Errors: InputError naming the file.
Model read_model(const std::filesystem::path& path, const ReadModelOptions& options = {});

// Atomic; the tensors are streamed, not copied. The layout of the metadata has a version,
// `clef.version`: files without one are of version 0, which had no such entry; a file of a later
// version than this program knows is refused.
inline constexpr int model_file_version = 1;
struct WriteModelOptions {
    bool digests = false;  // the SHA-256 of every tensor, which `clef model verify` compares
};
void write_model(const Model& model, const std::filesystem::path& path,
                 const WriteModelOptions& options = {});

// Tensor → SHA-256, as written with the file; empty where none were, or for another kind of file.
std::map<std::string, std::string> recorded_digests(const std::filesystem::path& path);

// Whether the file's first bytes are those of something that read_model() reads. False where there
// is no such file.
bool looks_like_model(const std::filesystem::path& path);

}  // namespace clef
