#include "runtime/shard.hpp"

#include <cstdint>
#include <cstdlib>
#include <fmt/format.h>

#include "base/error.hpp"
#include "base/text.hpp"

namespace clef {

namespace {

constexpr long long most = most_shards;

// One numbering of processes: this one's number, from 0, and how many there are.
struct Numbering {
    long long index = 0;
    long long count = 1;
    std::string from;
};

std::optional<long long> number_of(const Environment& environment, const std::string& name) {
    const std::optional<std::string> text = environment(name);
    if (!text) return std::nullopt;
    const auto number = parse_integer(*text);
    if (!number) fail_input("{}: '{}', expected a whole number", name, *text);
    return number;
}

std::optional<Numbering> numbering(const Environment& environment, const std::string& index,
                                   const std::string& count) {
    const auto i = number_of(environment, index);
    const auto n = number_of(environment, count);
    if (!i || !n) return std::nullopt;
    return Numbering{*i, *n, index + " and " + count};
}

std::optional<Numbering> slurm_array(const Environment& environment) {
    const auto id = number_of(environment, "SLURM_ARRAY_TASK_ID");
    const auto count = number_of(environment, "SLURM_ARRAY_TASK_COUNT");
    if (!id || !count) return std::nullopt;
    const long long first = number_of(environment, "SLURM_ARRAY_TASK_MIN").value_or(0);
    const long long step = number_of(environment, "SLURM_ARRAY_TASK_STEP").value_or(1);
    if (step < 1 || (*id - first) % step != 0) {
        fail_input("SLURM_ARRAY_TASK_ID is {}, expected {} and every {}th from there", *id, first,
                   step);
    }
    return Numbering{(*id - first) / step, *count, "SLURM_ARRAY_TASK_ID"};
}

std::optional<Numbering> processes(const Environment& environment) {
    if (auto found = numbering(environment, "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"))
        return found;
    if (auto found = numbering(environment, "PMI_RANK", "PMI_SIZE")) return found;
    return numbering(environment, "SLURM_PROCID", "SLURM_NTASKS");
}

Shard checked(const Numbering& numbering, const std::string& text) {
    if (numbering.count < 1 || numbering.count > most || numbering.index < 0 ||
        numbering.index >= numbering.count) {
        fail_input(
            "--shard {}: shard {} of {}; expected a number from 1 to their count ({} at "
            "most)",
            text, numbering.index + 1, numbering.count, most);
    }
    return {static_cast<std::size_t>(numbering.index + 1),
            static_cast<std::size_t>(numbering.count)};
}

Numbering from_environment(const Environment& environment) {
    const auto array = slurm_array(environment);
    const auto process = processes(environment);
    if (array && process && process->count > 1) {
        // As large as they may be without overflow; checked() refuses more.
        if (array->count > most || process->count > most) return {0, -1, ""};
        return {array->index * process->count + process->index, array->count * process->count,
                array->from + ", " + process->from};
    }
    if (array) return *array;
    if (process) return *process;
    fail_input(
        "--shard auto: none of the variables of Slurm, MPI or Kubernetes is set (SLURM_PROCID and "
        "SLURM_NTASKS, SLURM_ARRAY_TASK_ID and SLURM_ARRAY_TASK_COUNT, OMPI_COMM_WORLD_RANK and "
        "_SIZE, PMI_RANK and PMI_SIZE; JOB_COMPLETION_INDEX with --shard auto/COUNT); expected "
        "one, or --shard 1/4");
}

}  // namespace

std::pair<std::size_t, std::size_t> Shard::range(std::size_t rows) const {
    const auto begin = [&](std::size_t shard) {  // 128 bits are not needed: count ≤ 10^6
        return rows / count * shard + rows % count * shard / count;
    };
    return {begin(index - 1), begin(index)};
}

std::string Shard::text() const {
    return fmt::format("{}/{}", index, count);
}

Environment process_environment() {
    return [](const std::string& name) -> std::optional<std::string> {
        const char* value = std::getenv(name.c_str());
        if (value == nullptr || *value == '\0') return std::nullopt;
        return value;
    };
}

Shard parse_shard(const std::string& text, const Environment& environment, std::string* from) {
    const auto parts = split(text, '/');
    Numbering found;
    if (text == "auto") {
        found = from_environment(environment);
    } else if (parts.size() == 2 && trim(parts[0]) == "auto") {
        const auto index = number_of(environment, "JOB_COMPLETION_INDEX");
        const auto count = parse_integer(parts[1]);
        if (!index) fail_input("--shard {}: JOB_COMPLETION_INDEX is not set", text);
        if (!count) fail_input("--shard {}: expected auto/COUNT, as in auto/8", text);
        found = {*index, *count, "JOB_COMPLETION_INDEX"};
    } else {
        const auto index = parts.size() == 2 ? parse_integer(parts[0]) : std::nullopt;
        const auto count = parts.size() == 2 ? parse_integer(parts[1]) : std::nullopt;
        if (!index || !count || *index < 1) {
            fail_input("--shard {}: expected INDEX/COUNT from 1/COUNT to COUNT/COUNT, or auto",
                       text);
        }
        found = {*index - 1, *count, ""};
    }
    if (from != nullptr) *from = found.from;
    return checked(found, text);
}

std::filesystem::path shard_path(const std::filesystem::path& output, const Shard& shard) {
    std::filesystem::path path = output;
    path.replace_extension(
        fmt::format(".shard-{}-of-{}{}", shard.index, shard.count, output.extension().string()));
    return path;
}

}  // namespace clef
