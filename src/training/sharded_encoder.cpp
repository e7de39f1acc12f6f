#include "training/sharded_encoder.hpp"

#include <algorithm>

#include "base/threads.hpp"

namespace clef {

namespace {

constexpr std::int64_t most_shards = 8;
// Every shard holds gradients of its own; together they should stay small beside the activations.
constexpr std::int64_t most_shard_parameters = std::int64_t{1} << 26;

std::int64_t shard_count(const Net1dShape& shape) {
    const auto parameters = static_cast<std::int64_t>(net1d_parameters(shape));
    return std::clamp<std::int64_t>(most_shard_parameters / parameters, 1, most_shards);
}

}  // namespace

ShardedEncoder::ShardedEncoder(Net1dModule& module, const Net1dShape& shape, unsigned threads)
    : module_(module), threads_(threads), shards_(static_cast<std::size_t>(shard_count(shape))) {
    for (Shard& shard : shards_) shard.replica = module.replicate();
}

torch::Tensor ShardedEncoder::forward(const torch::Tensor& views) {
    const std::int64_t rows = views.size(0);
    const auto shards = static_cast<std::int64_t>(shards_.size());
    for (std::int64_t s = 0; s < shards; ++s) {
        shards_[s].first = rows * s / shards;
        shards_[s].count = rows * (s + 1) / shards - shards_[s].first;
    }
    parallel_for(shards_.size(), threads_, [&](std::size_t s) {
        torch::set_num_threads(1);  // libtorch keeps this per thread
        Shard& shard = shards_[s];
        if (shard.count > 0) {
            shard.embeddings = shard.replica->forward(views.narrow(0, shard.first, shard.count));
        }
    });
    std::vector<torch::Tensor> parts;
    for (const Shard& shard : shards_) {
        if (shard.count > 0) parts.push_back(shard.embeddings.detach());
    }
    return torch::cat(parts).requires_grad_();
}

void ShardedEncoder::backward(const torch::Tensor& embeddings) {
    const torch::Tensor& gradient = embeddings.grad();
    parallel_for(shards_.size(), threads_, [&](std::size_t s) {
        torch::set_num_threads(1);
        Shard& shard = shards_[s];
        if (shard.count == 0) return;
        shard.embeddings.backward(gradient.narrow(0, shard.first, shard.count));
        shard.embeddings = torch::Tensor();  // frees the activations
    });
    const auto parameters = module_.trained();
    for (const Shard& shard : shards_) {
        if (shard.count == 0) continue;
        const auto own = shard.replica->trained();
        for (std::size_t i = 0; i < own.size(); ++i) {
            torch::Tensor parameter = parameters[i].second;
            torch::Tensor part = own[i].second;
            if (!parameter.grad().defined()) {
                parameter.mutable_grad() = part.grad().clone();
            } else {
                parameter.mutable_grad().add_(part.grad());
            }
            part.mutable_grad() = torch::Tensor();
        }
    }
}

}  // namespace clef
