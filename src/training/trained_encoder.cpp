#include "training/trained_encoder.hpp"

#include "base/error.hpp"

namespace clef {

TrainedEncoder::TrainedEncoder(Net1dModule& module, const Net1dShape& shape, unsigned threads,
                               const Computing& computing) {
    const torch::Device device = module.device();
    if (device.is_cpu()) {
        if (computing.bfloat16) {
            fail_input(
                "run.precision bfloat16 needs a CUDA device; on the processor choose float32");
        }
        pass_ = engine_pass(module, shape, threads);
        return;
    }
#ifdef CLEF_CUDA
    if (computing.replay) {
        pass_ = replayed_pass(module, computing);
        return;
    }
#endif
    pass_ = module_pass(module, computing);
}

}  // namespace clef
