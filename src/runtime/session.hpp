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

namespace clef {

class Session {
  public:
    // Packs the weights; the model is not needed afterwards. Given the model itself (std::move), it
    // frees each tensor once packed, so that the weights are never in memory twice. InputError for
    // a family of architectures that the runtime does not run.
    explicit Session(const Model& model);
    explicit Session(Model&& model);
    ~Session();
    Session(Session&&) noexcept;
    Session& operator=(Session&&) noexcept;

    std::size_t output_size() const;
    std::size_t input_leads() const;

    // window: input_leads() × samples, row-major, any number of samples from 1. InputError where
    // the size is no multiple of the leads.
    std::vector<float> run(std::span<const float> window) const;

    // One output row per window, computed on `threads` threads (0: all available).
    std::vector<float> run(const std::vector<std::vector<float>>& windows, unsigned threads) const;

  private:
    struct Network;
    static std::unique_ptr<const Network> pack(const Model& model, Tensors* given_up);
    std::unique_ptr<const Network> network_;
};

}  // namespace clef
