#include "pretraining/rank_environment.hpp"

#include <array>
#include <charconv>
#include <cstdlib>
#include <string_view>

#include "base/error.hpp"

namespace clef {

namespace {

struct Launcher {
    const char* rank;
    const char* size;
    const char* local_rank;
    const char* local_size;  // processes on this machine
};

constexpr std::array<Launcher, 4> launchers = {{
    {"RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE"},
    {"SLURM_PROCID", "SLURM_STEP_NUM_TASKS", "SLURM_LOCALID", nullptr},
    {"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_RANK",
     "OMPI_COMM_WORLD_LOCAL_SIZE"},
    {"PMI_RANK", "PMI_SIZE", "MPI_LOCALRANKID", "MPI_LOCALNRANKS"},
}};

int number(const char* name, std::string_view text, int lowest, int highest) {
    int value = 0;
    const auto [at, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || at != text.data() + text.size() || value < lowest ||
        value > highest) {
        fail_input("environment variable {} is '{}'; expected a whole number from {} to {}", name,
                   text, lowest, highest);
    }
    return value;
}

bool on_one_machine(const Launcher& launcher, int size, const ReadVariable& variable) {
    if (const char* nodes = variable("SLURM_STEP_NUM_NODES"); nodes != nullptr) {
        return std::string_view(nodes) == "1";
    }
    const char* local = launcher.local_size == nullptr ? nullptr : variable(launcher.local_size);
    return local != nullptr && local == std::to_string(size);
}

}  // namespace

RankEnvironment rank_environment(const ReadVariable& variable) {
    RankEnvironment found;
    for (const Launcher& launcher : launchers) {
        const char* rank = variable(launcher.rank);
        const char* size = variable(launcher.size);
        if (rank == nullptr || size == nullptr) continue;
        found.size = number(launcher.size, size, 1, 100'000);
        found.rank = number(launcher.rank, rank, 0, found.size - 1);
        if (const char* local = variable(launcher.local_rank); local != nullptr) {
            found.local_rank = number(launcher.local_rank, local, 0, found.size - 1);
        }
        if (const char* port = variable("MASTER_PORT"); port != nullptr) {
            found.port = static_cast<std::uint16_t>(number("MASTER_PORT", port, 1, 65535));
        }
        if (const char* address = variable("MASTER_ADDR"); address != nullptr) {
            found.address = address;
        } else if (found.size > 1 && !on_one_machine(launcher, found.size, variable)) {
            fail_input(
                "{} is {}: set MASTER_ADDR to the address of the machine of rank 0, where "
                "all processes meet",
                launcher.size, found.size);
        }
        return found;
    }
    return found;
}

RankEnvironment rank_environment() {
    return rank_environment([](const char* name) { return std::getenv(name); });
}

}  // namespace clef
