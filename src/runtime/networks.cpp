#include "base/error.hpp"
#include "runtime/network.hpp"

namespace clef {

namespace {

struct Runner {
    const char* family;
    std::unique_ptr<const Network> (*make)(const Model& model, Weights& weights);
};

constexpr Runner runners[] = {{"xresnet1d", xresnet1d_network},
                              {"st-mem", st_mem_network},
                              {"moirai", moirai_network},
                              {"moment", moment_network}};

}  // namespace

std::unique_ptr<const Network> make_network(const Model& model, Weights& weights,
                                            Precision precision) {
    if (model.family == "net1d") return net1d_network(model, weights, precision);
    if (precision != Precision::float32) {
        fail_input("{}: encoders of family {} are computed in float32, not {}", model.architecture,
                   model.family, precision_name(precision));
    }
    for (const Runner& runner : runners) {
        if (model.family == runner.family) return runner.make(model, weights);
    }
    fail_input("{}: architectures of family {} are not run by this program", model.architecture,
               model.family);
}

}  // namespace clef
