#include "encoder/new_stem.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/text.hpp"

namespace clef {

Model with_new_stem(const Model& model, std::uint64_t seed) {
    const Architecture& architecture = find_architecture(model.architecture);
    const std::vector<int>& leads = architecture.leads;
    if (model_input_leads(model) == 1 || std::find(leads.begin(), leads.end(), 1) == leads.end()) {
        fail_input("{} with {} leads takes a single lead as it is: it needs no new stem",
                   model.architecture, model_input_leads(model));
    }
    Model result = random_model(model.architecture, 1, seed);
    result.labels = model.labels;
    result.provenance = model.provenance;
    std::vector<std::string> drawn;
    for (auto& [name, tensor] : result.tensors) {
        const auto own = model.tensors.find(name);
        if (own != model.tensors.end() && own->second.shape == tensor.shape) {
            tensor = own->second;
        } else {
            drawn.push_back(name);
        }
    }
    result.provenance["new_stem"] = {{"tensors", drawn}, {"seed", seed}};
    return result;
}

}  // namespace clef
