#include "encoder/export.hpp"

#include "encoder/model_note.hpp"
#include "encoder/torch_zip_writer.hpp"

namespace clef {

void write_torch(const Model& model, const std::filesystem::path& path) {
    check_tensors(model, path.string());
    std::vector<NamedTensor> tensors;
    for (const TensorSpec& spec : model_tensors(model)) {
        tensors.push_back({spec.name, &model.tensors.at(spec.name)});
    }
    write_torch_checkpoint(tensors, model_note(model).dump(2) + "\n", path);
}

}  // namespace clef
