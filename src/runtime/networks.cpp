#include "base/error.hpp"
#include "encoder/model_head.hpp"
#include "runtime/packed_weights.hpp"

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

// A dense layer on another network's embedding, as a head for a task is (encoder/model_head.hpp).
class HeadedNetwork : public Network {
  public:
    HeadedNetwork(std::unique_ptr<const Network> encoder, Weights& weights)
        : encoder_(std::move(encoder)),
          weight_(copied(weights, "dense.weight")),
          bias_(copied(weights, "dense.bias")) {}

    std::size_t output_size() const override { return bias_.size(); }
    std::size_t input_leads() const override { return encoder_->input_leads(); }
    bool takes_fewer_leads() const override { return encoder_->takes_fewer_leads(); }
    void run(const NetworkInput& input, std::span<float> output) const override {
        thread_local std::vector<float> embedding;
        embedding.resize(encoder_->output_size());
        encoder_->run(input, embedding);
        for (std::size_t k = 0; k < bias_.size(); ++k) {
            double sum = bias_[k];
            const float* row = weight_.data() + k * embedding.size();
            for (std::size_t d = 0; d < embedding.size(); ++d) sum += double{row[d]} * embedding[d];
            output[k] = static_cast<float>(sum);
        }
    }
    std::vector<float> run_time_steps(const NetworkInput& input) const override {
        return encoder_->run_time_steps(input);
    }
    std::size_t step_size() const override { return encoder_->step_size(); }

  private:
    std::unique_ptr<const Network> encoder_;
    std::vector<float> weight_;  // outputs × embedding
    std::vector<float> bias_;
};

}  // namespace

std::unique_ptr<const Network> make_network(const Model& model, Weights& weights,
                                            Precision precision) {
    if (model.family == "net1d") return net1d_network(model, weights, precision);
    if (precision != Precision::float32) {
        fail_input("{}: encoders of family {} are computed in float32, not {}", model.architecture,
                   model.family, precision_name(precision));
    }
    for (const Runner& runner : runners) {
        if (model.family != runner.family) continue;
        auto encoder = runner.make(model, weights);
        if (model_labelled_outputs(model) == 0) return encoder;
        return std::make_unique<HeadedNetwork>(std::move(encoder), weights);
    }
    fail_input("{}: architectures of family {} are not run by this program", model.architecture,
               model.family);
}

}  // namespace clef
