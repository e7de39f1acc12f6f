#include "training/process_group.hpp"

#include <chrono>
#include <cstdlib>

#include "base/error.hpp"
#include "training/torch_distributed.hpp"

namespace clef {

struct ProcessGroup::Backend {
    c10::intrusive_ptr<c10d::Store> store;
    c10::intrusive_ptr<GlooGroup> group;
};

namespace {

constexpr std::chrono::minutes longest_wait_for_all{30};

// Runs a call of libtorch's, and says what its failure means.
template <typename Call>
auto talking(const RankEnvironment& me, Call&& call) {
    try {
        return call();
    } catch (const std::exception& error) {
        const std::string_view text(error.what());
        fail_run(
            "rank {} of {}: another process of this run has gone or is silent ({}). The last "
            "checkpoint is whole: start all processes again with --resume",
            me.rank, me.size, text.substr(0, text.find('\n')));
    }
}

}  // namespace

ProcessGroup::ProcessGroup(const RankEnvironment& environment, double peer_seconds)
    : environment_(environment), backend_(std::make_unique<Backend>()) {
    talking(environment_, [&] {
        backend_->store =
            meeting_place(environment.address, environment.port, environment.rank == 0,
                          environment.size, longest_wait_for_all);
        const std::chrono::milliseconds patience(static_cast<std::int64_t>(peer_seconds * 1000));
        backend_->group =
            gloo_group(backend_->store, environment.rank, environment.size, environment.address,
                       std::getenv("GLOO_SOCKET_IFNAME"), patience);
        any(false);  // all are there
    });
}

ProcessGroup::~ProcessGroup() = default;

torch::Tensor ProcessGroup::gather_views(const torch::Tensor& own) const {
    const torch::NoGradGuard no_gradients;
    std::vector<torch::Tensor> input = {own.detach().contiguous()};
    std::vector<std::vector<torch::Tensor>> output(1);
    for (int i = 0; i < size(); ++i) output[0].push_back(torch::empty_like(input[0]));
    talking(environment_, [&] { backend_->group->allgather(output, input)->wait(); });
    std::vector<torch::Tensor> rows;
    const std::int64_t half = own.size(0) / 2;
    for (const std::int64_t from : {std::int64_t{0}, half}) {
        for (const torch::Tensor& part : output[0]) rows.push_back(part.narrow(0, from, half));
    }
    return torch::cat(rows);
}

torch::Tensor ProcessGroup::own_rows(const torch::Tensor& gathered) const {
    const std::int64_t pairs = gathered.size(0) / 2;
    const std::int64_t own = pairs / size();
    const std::int64_t from = rank() * own;
    return torch::cat({gathered.narrow(0, from, own), gathered.narrow(0, pairs + from, own)});
}

void ProcessGroup::sum(const std::vector<torch::Tensor>& tensors) const {
    const torch::NoGradGuard no_gradients;
    std::vector<torch::Tensor> flat;
    for (const torch::Tensor& tensor : tensors) flat.push_back(tensor.detach().reshape({-1}));
    std::vector<torch::Tensor> all = {torch::cat(flat)};
    talking(environment_, [&] { backend_->group->allreduce(all)->wait(); });
    std::int64_t at = 0;
    for (torch::Tensor tensor : tensors) {
        tensor.copy_(all[0].narrow(0, at, tensor.numel()).reshape(tensor.sizes()));
        at += tensor.numel();
    }
}

bool ProcessGroup::any(bool mine) const {
    std::vector<torch::Tensor> flag = {torch::full({1}, mine ? 1.0F : 0.0F)};
    talking(environment_, [&] { backend_->group->allreduce(flag)->wait(); });
    return flag[0].item<float>() > 0;
}

}  // namespace clef
