// A libtorch module whose tensors have their upstream's names, as the model file has them.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "encoder/model.hpp"
#include "training/torch.hpp"

namespace clef {

class NamedModule : public torch::nn::Module {
  public:
    using Named = std::vector<std::pair<std::string, torch::Tensor>>;

    // Copies the model's tensors in, or this module's out. Shapes must match (check_tensors).
    void load(const Model& model);
    void store(Model& model) const;
    using torch::nn::Module::load;  // torch's own, which ours would hide

    // The tensors that an optimiser updates, with their names in a fixed order.
    Named trained() const;

  protected:
    // Zeros of these shapes; those of which `learns` is false are none of the parameters.
    NamedModule(const std::vector<TensorSpec>& specs, bool (*learns)(const std::string& name));

    const std::map<std::string, torch::Tensor>& tensors() const { return tensors_; }

  private:
    std::map<std::string, torch::Tensor> tensors_;
    bool (*learns_)(const std::string& name);
};

}  // namespace clef
