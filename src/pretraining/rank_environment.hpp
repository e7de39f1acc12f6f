// Which of several processes of one run this is, from the environment that torchrun, Slurm's srun
// or an MPI launcher sets:
//
//   torchrun, by hand  RANK, WORLD_SIZE
//   Slurm              SLURM_PROCID, SLURM_STEP_NUM_TASKS (inside srun only)
//   Open MPI           OMPI_COMM_WORLD_RANK, OMPI_COMM_WORLD_SIZE
//   MPICH, Intel MPI   PMI_RANK, PMI_SIZE
//
// and beside them LOCAL_RANK, SLURM_LOCALID, OMPI_COMM_WORLD_LOCAL_RANK or MPI_LOCALRANKID.
//
// The first that is there counts. All meet at MASTER_ADDR, MASTER_PORT (29500): rank 0's machine.
// The address may be left out where the launcher says that all processes share one machine.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace clef {

struct RankEnvironment {
    int rank = 0;
    int size = 1;
    std::string address = "127.0.0.1";  // where rank 0 is
    std::uint16_t port = 29500;
    int local_rank = 0;  // among this machine's processes: says which GPU is this one's
};

// nullptr where a variable is not set, as std::getenv.
using ReadVariable = std::function<const char*(const char*)>;

// Alone (size 1) where nothing is set. InputError naming the variable for a number that cannot be,
// and where MASTER_ADDR is needed.
RankEnvironment rank_environment(const ReadVariable& variable);
RankEnvironment rank_environment();  // this process's

}  // namespace clef
