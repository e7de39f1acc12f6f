#include "base/error.hpp"
#include "runtime/network.hpp"

namespace clef {

namespace {

struct Runner {
    const char* family;
    std::unique_ptr<const Network> (*make)(const Model& model, Weights& weights);
};

constexpr Runner runners[] = {{"net1d", net1d_network},
                              {"xresnet1d", xresnet1d_network},
                              {"st-mem", st_mem_network},
                              {"moirai", moirai_network}};

}  // namespace

std::unique_ptr<const Network> make_network(const Model& model, Weights& weights) {
    for (const Runner& runner : runners) {
        if (model.family == runner.family) return runner.make(model, weights);
    }
    fail_input("{}: architectures of family {} are not run by this program", model.architecture,
               model.family);
}

}  // namespace clef
