// What a session needs of an encoder's forward pass: one implementation per family of architectures
// (encoder/architecture.hpp), in a file of its own, NAME_network.cpp.
//
// To add a family: its numbers in encoder/architectures/NAME.cpp and a line in registry.cpp; here a
// class NameNetwork in name_network.cpp, its function below, and its line in networks.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "encoder/model.hpp"
#include "runtime/precision.hpp"

namespace clef {

// rows × length float32, row-major; row i belongs to the encoder's channel channels[i]. Checked by
// the session: at least one row and one sample; channels distinct and below input_leads(), all of
// them in their order for a network that does not take fewer.
struct NetworkInput {
    std::span<const float> samples;
    std::size_t length = 0;
    std::span<const std::size_t> channels;
    // Like samples: 0 where one is missing and its value stands in for it. Empty: none is. Of use
    // to families that were trained with such masks; the others go by the values.
    std::span<const std::uint8_t> observed = {};

    std::span<const float> row(std::size_t i) const { return samples.subspan(i * length, length); }
};

// Weights packed for running. run() is thread-safe and gives the same bits however it is called:
// scratch memory is thread_local.
class Network {
  public:
    virtual ~Network() = default;
    virtual std::size_t output_size() const = 0;
    virtual std::size_t input_leads() const = 0;
    // Whether a window may hold only some of the leads.
    virtual bool takes_fewer_leads() const { return false; }
    // Into output_size() numbers. InputError where the family cannot take so many samples.
    virtual void run(const NetworkInput& input, std::span<float> output) const = 0;
    std::vector<float> run(const NetworkInput& input) const {
        std::vector<float> output(output_size());
        run(input, output);
        return output;
    }
    // The last feature map, before its mean over time: features of the first time step, of the
    // second, …; of a transformer, of the first lead's tokens, the second's, …. Empty for a family
    // whose end is no such mean.
    virtual std::vector<float> run_time_steps(const NetworkInput&) const { return {}; }
    // Numbers per time step; 0 where there are none.
    virtual std::size_t step_size() const { return 0; }
};

// A model's tensors while they are packed: those of a model that is given up are freed one by one.
class Weights {
  public:
    explicit Weights(const Tensors& tensors) : tensors_(tensors) {}
    explicit Weights(Tensors& tensors) : tensors_(tensors), given_up_(&tensors) {}

    const Tensor& at(const std::string& name) const { return tensors_.at(name); }
    void done_with(const std::string& name) {
        if (given_up_ != nullptr) given_up_->erase(name);
    }

  private:
    const Tensors& tensors_;
    Tensors* given_up_ = nullptr;
};

// The families. `model` gives the numbers (its tensors are reached through `weights`, complete and
// of the right shapes).
std::unique_ptr<const Network> net1d_network(const Model& model, Weights& weights,
                                             Precision precision);
std::unique_ptr<const Network> xresnet1d_network(const Model& model, Weights& weights);
std::unique_ptr<const Network> st_mem_network(const Model& model, Weights& weights);
std::unique_ptr<const Network> moirai_network(const Model& model, Weights& weights);
std::unique_ptr<const Network> moment_network(const Model& model, Weights& weights);

// The one of the model's family; InputError for a family that the runtime does not run, or not in
// that precision: all but net1d are float32.
std::unique_ptr<const Network> make_network(const Model& model, Weights& weights,
                                            Precision precision = Precision::float32);

}  // namespace clef
