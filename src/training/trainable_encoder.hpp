// An encoder with a linear head on its embedding, as fine-tuning trains it: its numbers by name,
// a batch forward, and forward and back. Two ways:
//
//   net1d         the engine of our own (net1d_engine.hpp), without libtorch
//   all others    their libtorch modules (encoder_module.hpp) on the processor
//
// Not thread-safe; `threads` work on a batch. Net1D's results do not depend on their number. The
// modules' do so only as far as the libraries below libtorch (oneDNN, the BLAS) add up a product's
// terms in another order on more threads, which is theirs to choose: the same number of threads
// gives the same bits, another number the same to rounding.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "encoder/model.hpp"

namespace clef {

// Windows that hold the same leads: count × leads × samples. `channels`: of the encoder's leads,
// those that they are; empty: all. `observed`: as values, 0 where there is no sample; empty: all
// are.
struct ViewBatch {
    std::span<const float> values;
    std::size_t count = 0;
    std::size_t samples = 0;
    std::span<const std::size_t> channels = {};
    std::span<const std::uint8_t> observed = {};

    std::size_t leads() const { return values.size() / (count * samples); }
};

class TrainableEncoder {
  public:
    struct Parameter {
        std::string name;           // the head's: "dense.weight", "dense.bias"
        std::span<float> values;    // where they are as long as this lives
        std::span<float> gradient;  // of the last learn()
        std::size_t depth = 0;      // 0: before the first block; depth(): the head's
        bool decays = true;         // weight decay: not of vectors and biases
        bool learns = true;         // else it moves by itself (running statistics), gradient 0
    };
    // Of the outputs first … first + count − 1 of a batch, their loss's gradient.
    using OfOutputs = std::function<void(std::size_t first, std::size_t count, const float* outputs,
                                         float* gradient)>;

    virtual ~TrainableEncoder() = default;
    virtual std::size_t embedding_size() const = 0;
    virtual std::size_t depth() const = 0;
    virtual std::vector<Parameter> parameters() = 0;  // by name

    // outputs: count × the head's.
    virtual void run(const ViewBatch& views, float* outputs) = 0;
    // Forward, asks for the outputs' gradient once for each of them, and back. In parts, where a
    // batch would need too much memory; in one, where the encoder normalises over the batch.
    virtual void learn(const ViewBatch& views, const OfOutputs& of_outputs) = 0;

    // The numbers as they are, into the model's tensors: the encoder's own, not the head's.
    virtual void store(Model& model) const = 0;
};

// What the windows of one part of a batch keep for the way back, in numbers: 1 GiB. Whatever the
// machine, so that sums over a batch are the same everywhere.
inline constexpr std::size_t most_kept_numbers = std::size_t{1} << 28;

// `encoder`: without a dense layer. The head starts without weights and with `prior` as its biases.
// InputError for a family that cannot be trained.
std::unique_ptr<TrainableEncoder> make_trainable_encoder(
    const Model& encoder, const std::vector<double>& prior, unsigned threads,
    std::size_t kept_numbers = most_kept_numbers);

// The two ways (trainable_net1d.cpp, trainable_module.cpp).
std::unique_ptr<TrainableEncoder> trainable_net1d(const Model& encoder,
                                                  const std::vector<double>& prior,
                                                  unsigned threads);
std::unique_ptr<TrainableEncoder> trainable_module(const Model& encoder,
                                                   const std::vector<double>& prior,
                                                   unsigned threads, std::size_t kept_numbers);

}  // namespace clef
