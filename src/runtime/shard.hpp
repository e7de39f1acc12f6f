// One machine's share of a cohort that several machines embed: shard 2 of 4 is its second quarter
// (the shards one behind the other are the cohort), so that the outputs put together in order are
// what one machine writes (merge.hpp).
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>

namespace clef {

inline constexpr std::size_t most_shards = 1'000'000;

struct Shard {
    std::size_t index = 1;  // 1 … count
    std::size_t count = 1;

    // Rows [first, second) of a table of `rows` rows. Sizes differ by one at most.
    std::pair<std::size_t, std::size_t> range(std::size_t rows) const;
    std::string text() const;  // "2/4"
};

// How a variable of the environment is looked up: getenv, or a test's.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;
Environment process_environment();

// "2/4"; or "auto": from the variables that Slurm (SLURM_ARRAY_TASK_ID with _MIN, _COUNT and _STEP,
// SLURM_PROCID and SLURM_NTASKS, or both together), Open MPI (OMPI_COMM_WORLD_RANK and _SIZE),
// MPICH and its kin (PMI_RANK and PMI_SIZE) and Kubernetes' indexed jobs (JOB_COMPLETION_INDEX;
// they do not say how many there are: "auto/8") set. MPI's come before Slurm's own, which every
// process of an mpirun inherits alike. `from` gets the names of the variables used. Errors:
// InputError that says what was found and expected.
Shard parse_shard(const std::string& text, const Environment& environment,
                  std::string* from = nullptr);

// "out.npy" → "out.shard-2-of-4.npy"
std::filesystem::path shard_path(const std::filesystem::path& output, const Shard& shard);

}  // namespace clef
