// The processes of one run and what they tell each other, over libtorch's own process groups
// (NCCL where every process has a GPU of its own, else Gloo). Every process makes the same calls in
// the same order. A process that has gone is noticed at once by its closed connection, one that is
// silent after `peer_seconds`; either is a RunError that says how to go on.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "pretraining/rank_environment.hpp"
#include "training/torch.hpp"

namespace clef {

class ProcessGroup {
  public:
    // Waits until all have come (half an hour: another may still be preparing its recordings).
    // device: where this process's tensors are.
    ProcessGroup(const RankEnvironment& environment, double peer_seconds,
                 const torch::Device& device = torch::kCPU);
    ~ProcessGroup();

    int rank() const { return environment_.rank; }
    int size() const { return environment_.size; }
    int local_rank() const { return environment_.local_rank; }
    std::string transport() const;  // NCCL or Gloo

    // own: 2b × …, the first and then the second views of this process's pairs → 2B × …, the first
    // views of all processes' pairs in the order of their ranks and then the second ones. No
    // gradient passes; own_rows() takes it back.
    torch::Tensor gather_views(const torch::Tensor& own) const;
    // Of gather_views' result (or its gradient), the rows that were this process's.
    torch::Tensor own_rows(const torch::Tensor& gathered) const;

    // Each tensor becomes its sum over all processes.
    void sum(const std::vector<torch::Tensor>& tensors) const;
    // Whether it is true in any process.
    bool any(bool mine) const;

  private:
    struct Backend;
    // Where the transport takes tensors, and back.
    torch::Tensor carried(const torch::Tensor& tensor) const;
    RankEnvironment environment_;
    std::unique_ptr<Backend> backend_;
};

}  // namespace clef
