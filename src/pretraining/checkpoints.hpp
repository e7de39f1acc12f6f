// The checkpoints of a run: RUN/checkpoint/step-NNNNNNNNN.safetensors, each written atomically with
// a checksum over everything in it, the last few kept. A run goes on from the newest that is whole.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include <nlohmann/json.hpp>

#include "encoder/tensor.hpp"

namespace clef {

struct Checkpoint {
    std::int64_t step = 0;  // steps taken
    nlohmann::json state;   // what is not a tensor
    Tensors tensors;
};

class Checkpoints {
  public:
    // keep: how many, at least 1.
    Checkpoints(std::filesystem::path folder, int keep);

    // Removes the oldest beyond `keep` once the new one is on the disk. RunError when it cannot be
    // written; those there are stay as they were.
    void save(const Checkpoint& checkpoint) const;

    // The newest that is whole. Warns of every newer one that is damaged, with the reason.
    // InputError when there is none.
    Checkpoint newest() const;

    // Newest first.
    std::vector<std::filesystem::path> files() const;

  private:
    std::filesystem::path folder_;
    int keep_;
};

// Whether a run has left a checkpoint in its folder.
bool has_checkpoint(const std::filesystem::path& run);

}  // namespace clef
