// Runs an encoder forward without libtorch.
//
//   Session session(model);
//   std::vector<float> embedding = session.run(window);   // leads × samples → output_size()
//
// run() is const and thread-safe: each calling thread keeps its own scratch memory. A window's
// result does not depend on other windows or on the number of threads, to the last bit.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "encoder/model.hpp"
#include "encoder/preprocess.hpp"
#include "runtime/precision.hpp"

namespace clef {

class Network;

struct SessionOptions {
    Precision precision = Precision::float32;
};

class Session {
  public:
    // Packs the weights; the model is not needed afterwards. Given the model itself (std::move), it
    // frees each tensor once packed, so that the weights are never in memory twice. InputError for
    // a family of architectures that the runtime does not run, or not in that precision.
    explicit Session(const Model& model, const SessionOptions& options = {});
    explicit Session(Model&& model, const SessionOptions& options = {});
    ~Session();
    Session(Session&&) noexcept;
    Session& operator=(Session&&) noexcept;

    std::size_t output_size() const;
    std::size_t input_leads() const;
    Precision precision() const { return precision_; }

    // window: leads × samples, row-major, any number of samples from 1 (unless the family has a
    // most). Its leads are those of `channels` (indices into the encoder's own; encoder/
    // preprocess.hpp gives them with each window), or all input_leads() where there are none.
    // InputError where the size is no multiple of the leads, and for leads that the encoder does
    // not take.
    std::vector<float> run(std::span<const float> window,
                           std::span<const std::size_t> channels = {}) const;

    // The same into output_size() numbers of the caller's: of a net1d, nothing is allocated once a
    // thread has run a window as long with the same encoder.
    void run(std::span<const float> window, std::span<const std::size_t> channels,
             std::span<float> output) const;

    // A window as the preprocessor made it, with what it knows of missing samples.
    std::vector<float> run(const Window& window) const;

    // The last feature map of a window, before its mean over time: time steps × step_size(); of a
    // transformer, its tokens, lead by lead. For families that end in such a mean (step_size() >
    // 0); others are an InputError.
    std::vector<float> run_time_steps(std::span<const float> window,
                                      std::span<const std::size_t> channels = {}) const;
    std::vector<float> run_time_steps(const Window& window) const;
    std::size_t step_size() const;

    // One output row per window, computed on `threads` threads (0: all available).
    std::vector<float> run(const std::vector<std::vector<float>>& windows, unsigned threads) const;

  private:
    std::unique_ptr<const Network> network_;
    Precision precision_;
};

}  // namespace clef
