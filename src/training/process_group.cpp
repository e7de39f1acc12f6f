#include "training/process_group.hpp"

#include <chrono>
#include <cstdlib>
#include <set>
#include <unistd.h>

#include "base/error.hpp"
#include "training/torch_distributed.hpp"

namespace clef {

struct ProcessGroup::Backend {
    c10::intrusive_ptr<c10d::Store> store;
    c10::intrusive_ptr<PeerGroup> group;
    torch::Device device = torch::kCPU;  // whose tensors the group carries
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

#ifdef CLEF_NCCL
// Whether each process has a GPU that no other one has, which NCCL asks for.
bool gpus_apart(c10d::Store& store, const RankEnvironment& me, const torch::Device& device) {
    std::string name(256, '\0');
    ::gethostname(name.data(), name.size() - 1);
    const std::string mine = std::string(name.c_str()) + " " + device.str();
    const auto key = [](int rank) { return fmt::format("clef/device/{}", rank); };
    store.set(key(me.rank), std::vector<std::uint8_t>(mine.begin(), mine.end()));
    std::set<std::string> all;
    bool gpus = true;
    for (int rank = 0; rank < me.size; ++rank) {
        const std::vector<std::uint8_t> value = store.get(key(rank));
        all.emplace(value.begin(), value.end());
        gpus = gpus && std::string(value.begin(), value.end()).find(" cuda") != std::string::npos;
    }
    return gpus && all.size() == static_cast<std::size_t>(me.size);
}
#endif

}  // namespace

ProcessGroup::ProcessGroup(const RankEnvironment& environment, double peer_seconds,
                           [[maybe_unused]] const torch::Device& device)
    : environment_(environment), backend_(std::make_unique<Backend>()) {
    talking(environment_, [&] {
        backend_->store =
            meeting_place(environment.address, environment.port, environment.rank == 0,
                          environment.size, longest_wait_for_all);
        const std::chrono::milliseconds patience(static_cast<std::int64_t>(peer_seconds * 1000));
#ifdef CLEF_NCCL
        if (gpus_apart(*backend_->store, environment, device)) {
            backend_->device = device;
            backend_->group =
                nccl_group(backend_->store, environment.rank, environment.size, patience);
        }
#endif
        if (!backend_->group) {
            backend_->group =
                gloo_group(backend_->store, environment.rank, environment.size, environment.address,
                           std::getenv("GLOO_SOCKET_IFNAME"), patience);
        }
        any(false);  // all are there
    });
}

ProcessGroup::~ProcessGroup() = default;

std::string ProcessGroup::transport() const {
    return backend_->device.is_cpu() ? "Gloo" : "NCCL";
}

torch::Tensor ProcessGroup::carried(const torch::Tensor& tensor) const {
    return tensor.detach().to(backend_->device).contiguous();
}

torch::Tensor ProcessGroup::gather_views(const torch::Tensor& own) const {
    const torch::NoGradGuard no_gradients;
    std::vector<torch::Tensor> input = {carried(own)};
    std::vector<std::vector<torch::Tensor>> output(1);
    for (int i = 0; i < size(); ++i) output[0].push_back(torch::empty_like(input[0]));
    talking(environment_, [&] { backend_->group->allgather(output, input)->wait(); });
    std::vector<torch::Tensor> rows;
    const std::int64_t half = own.size(0) / 2;
    for (const std::int64_t from : {std::int64_t{0}, half}) {
        for (const torch::Tensor& part : output[0]) rows.push_back(part.narrow(0, from, half));
    }
    return torch::cat(rows).to(own.device());
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
    std::vector<torch::Tensor> all = {carried(torch::cat(flat))};
    talking(environment_, [&] { backend_->group->allreduce(all)->wait(); });
    std::int64_t at = 0;
    for (torch::Tensor tensor : tensors) {
        tensor.copy_(all[0].narrow(0, at, tensor.numel()).reshape(tensor.sizes()));
        at += tensor.numel();
    }
}

bool ProcessGroup::any(bool mine) const {
    std::vector<torch::Tensor> flag = {carried(torch::full({1}, mine ? 1.0F : 0.0F))};
    talking(environment_, [&] { backend_->group->allreduce(flag)->wait(); });
    return flag[0].item<float>() > 0;
}

}  // namespace clef
