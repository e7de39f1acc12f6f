#include <algorithm>
#include <map>

#include "training/net1d_engine.hpp"
#include "training/trainable_encoder.hpp"

namespace clef {

namespace {

class TrainableNet1d : public TrainableEncoder {
  public:
    TrainableNet1d(const Model& encoder, const std::vector<double>& prior, unsigned threads);

    std::size_t embedding_size() const override {
        return static_cast<std::size_t>(shape_.embedding_size());
    }
    std::size_t depth() const override { return blocks_.size() + 1; }
    std::vector<Parameter> parameters() override;
    void run(const ViewBatch& views, float* outputs) override {
        engine_.forward(pointers(), views.values.data(), views.count, views.samples, outputs);
    }
    void learn(const ViewBatch& views, const OfOutputs& of_outputs) override;
    void store(Model& model) const override;

  private:
    std::map<std::string, const float*> pointers() const {
        std::map<std::string, const float*> result;
        for (const auto& [name, tensor] : values_) result[name] = tensor.data();
        return result;
    }
    std::size_t depth_of(const std::string& name) const;

    Net1dShape shape_;  // with the head as its dense layer
    std::vector<Net1dBlock> blocks_;
    Net1dEngine engine_;
    std::map<std::string, std::vector<float>> values_;
    std::map<std::string, std::vector<float>> gradients_;
};

Net1dShape with_outputs(Net1dShape shape, std::size_t outputs) {
    shape.outputs = static_cast<int>(outputs);
    return shape;
}

TrainableNet1d::TrainableNet1d(const Model& encoder, const std::vector<double>& prior,
                               unsigned threads)
    : shape_(with_outputs(encoder.shape, prior.size())),
      blocks_(net1d_blocks(shape_)),
      engine_(shape_, threads) {
    for (const TensorSpec& spec : net1d_tensors(shape_)) {
        if (spec.name.find("bn") != std::string::npos) continue;  // carried along, not used
        std::vector<float> values(element_count(spec.shape), 0.0F);
        if (spec.name == "dense.bias") {
            std::copy(prior.begin(), prior.end(), values.begin());
        } else if (spec.name != "dense.weight") {
            const auto given = encoder.tensors.at(spec.name).floats();
            std::copy(given.begin(), given.end(), values.begin());
        }
        gradients_[spec.name].assign(values.size(), 0.0F);
        values_[spec.name] = std::move(values);
    }
}

std::size_t TrainableNet1d::depth_of(const std::string& name) const {
    if (name.starts_with("dense.")) return depth();
    for (std::size_t b = 0; b < blocks_.size(); ++b) {
        if (name.starts_with(blocks_[b].prefix)) return b + 1;
    }
    return 0;
}

std::vector<TrainableEncoder::Parameter> TrainableNet1d::parameters() {
    std::vector<Parameter> result;
    for (auto& [name, values] : values_) {
        result.push_back(
            {name, values, gradients_.at(name), depth_of(name), !name.ends_with("bias")});
    }
    return result;
}

void TrainableNet1d::learn(const ViewBatch& views, const OfOutputs& of_outputs) {
    std::vector<float> outputs(views.count * static_cast<std::size_t>(shape_.outputs));
    run(views, outputs.data());
    std::vector<float> gradient(outputs.size());
    of_outputs(0, views.count, outputs.data(), gradient.data());
    std::map<std::string, float*> gradients;
    for (auto& [name, values] : gradients_) {
        std::fill(values.begin(), values.end(), 0.0F);
        gradients[name] = values.data();
    }
    engine_.backward(gradient.data(), gradients);
}

void TrainableNet1d::store(Model& model) const {
    for (const auto& [name, values] : values_) {
        if (name.starts_with("dense.")) continue;
        Tensor& target = model.tensors.at(name);
        target = Tensor::from(target.shape, values);
    }
}

}  // namespace

std::unique_ptr<TrainableEncoder> trainable_net1d(const Model& encoder,
                                                  const std::vector<double>& prior,
                                                  unsigned threads) {
    return std::make_unique<TrainableNet1d>(encoder, prior, threads);
}

std::unique_ptr<TrainableEncoder> make_trainable_encoder(const Model& encoder,
                                                         const std::vector<double>& prior,
                                                         unsigned threads,
                                                         std::size_t kept_numbers) {
    if (encoder.family == "net1d") return trainable_net1d(encoder, prior, threads);
    return trainable_module(encoder, prior, threads, kept_numbers);
}

}  // namespace clef
