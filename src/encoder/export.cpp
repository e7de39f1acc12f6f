#include "encoder/export.hpp"

#include "encoder/torch_zip_writer.hpp"

namespace clef {

void write_torch(const Model& model, const std::filesystem::path& path) {
    check_tensors(model, path.string());
    std::vector<NamedTensor> tensors;
    for (const TensorSpec& spec : model_tensors(model)) {
        tensors.push_back({spec.name, &model.tensors.at(spec.name)});
    }
    nlohmann::json architecture = model_config(model);
    architecture["name"] = model.architecture;
    const nlohmann::json note = {{"architecture", architecture},
                                 {"recipe", recipe_json(model.recipe)},
                                 {"labels", model.labels},
                                 {"provenance", model.provenance}};
    write_torch_checkpoint(tensors, note.dump(2) + "\n", path);
}

}  // namespace clef
