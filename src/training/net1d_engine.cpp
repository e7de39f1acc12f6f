#include "training/net1d_engine.hpp"

#include <algorithm>

#include "base/threads.hpp"
#include "training/lane_plane.hpp"
#include "training/net1d_pass.hpp"

namespace clef {

namespace {

// Every share holds gradients of its own, which should stay small beside the activations: at most
// 256 MB, or two shares.
constexpr std::size_t most_shares = 8;
constexpr std::size_t fewest_shares = 2;
constexpr std::size_t most_gradients = std::size_t{1} << 26;

std::size_t share_count(const Net1dShape& shape) {
    return std::clamp<std::size_t>(most_gradients / net1d_parameters(shape), fewest_shares,
                                   most_shares);
}

}  // namespace

struct Net1dEngine::Share {
    Net1dScratch scratch;
    std::vector<float> gradients;
};

Net1dEngine::Net1dEngine(const Net1dShape& shape, unsigned threads)
    : shape_(shape), threads_(threads), layers_(std::make_unique<Net1dLayers>(shape)) {
    for (std::size_t i = 0; i < share_count(shape); ++i)
        shares_.push_back(std::make_unique<Share>());
}

Net1dEngine::~Net1dEngine() = default;
Net1dEngine::Net1dEngine(Net1dEngine&&) noexcept = default;

void Net1dEngine::forward(const std::map<std::string, const float*>& parameters, const float* views,
                          std::size_t count, std::size_t samples, float* outputs) {
    layers_->pack(parameters, samples);
    count_ = count;
    const std::size_t groups = (count + lanes - 1) / lanes;
    while (groups_.size() < groups) groups_.push_back(std::make_unique<Net1dPass>());
    const std::size_t view_size = static_cast<std::size_t>(shape_.input_leads) * samples;
    const auto output_size = static_cast<std::size_t>(shape_.output_size());
    parallel_for(groups, threads_, [&](std::size_t group) {
        const std::size_t first = group * lanes;
        groups_[group]->forward(*layers_, views + first * view_size, std::min(lanes, count - first),
                                samples, outputs + first * output_size);
    });
}

void Net1dEngine::backward(const float* gradient, const std::map<std::string, float*>& gradients) {
    const std::size_t groups = (count_ + lanes - 1) / lanes;
    const auto output_size = static_cast<std::size_t>(shape_.output_size());
    const std::size_t used = std::min(shares_.size(), groups);
    parallel_for(used, threads_, [&](std::size_t s) {
        Share& share = *shares_[s];
        share.gradients.assign(layers_->gradient_size, 0.0F);
        for (std::size_t group = groups * s / used; group < groups * (s + 1) / used; ++group) {
            groups_[group]->backward(*layers_, gradient + group * lanes * output_size,
                                     share.scratch, share.gradients.data());
        }
    });
    for (const auto& [name, place] : layers_->places) {
        float* target = gradients.at(name);
        for (std::size_t s = 0; s < used; ++s) {  // in this order, whoever was first
            const float* source = shares_[s]->gradients.data() + place.offset;
            for (std::size_t i = 0; i < place.size; ++i) target[i] += source[i];
        }
    }
}

}  // namespace clef
