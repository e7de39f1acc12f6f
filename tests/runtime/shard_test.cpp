#include "runtime/shard.hpp"

#include <gtest/gtest.h>
#include <map>

#include "formats/expect_input_error.hpp"

namespace clef {

using testing::expect_input_error;

namespace {

Environment environment(const std::map<std::string, std::string>& variables) {
    return [variables](const std::string& name) -> std::optional<std::string> {
        const auto found = variables.find(name);
        if (found == variables.end()) return std::nullopt;
        return found->second;
    };
}

std::string shard(const std::string& text, const std::map<std::string, std::string>& variables) {
    return parse_shard(text, environment(variables)).text();
}

}  // namespace

TEST(Shard, TheSharesAreTheWholeInOrderAndDifferByOneAtMost) {
    for (const std::size_t rows : {0U, 1U, 5U, 97U, 1000U}) {
        for (const std::size_t count : {1U, 2U, 3U, 8U, 100U}) {
            std::size_t next = 0;
            for (std::size_t index = 1; index <= count; ++index) {
                const auto [first, last] = Shard{index, count}.range(rows);
                EXPECT_EQ(first, next);
                EXPECT_GE(last - first, rows / count);
                EXPECT_LE(last - first, rows / count + 1);
                next = last;
            }
            EXPECT_EQ(next, rows);
        }
    }
}

TEST(Shard, ByNumberAndFromTheVariablesOfEachSystem) {
    EXPECT_EQ(shard("2/4", {}), "2/4");
    EXPECT_EQ(shard("auto", {{"SLURM_PROCID", "0"}, {"SLURM_NTASKS", "3"}}), "1/3");
    EXPECT_EQ(shard("auto", {{"SLURM_ARRAY_TASK_ID", "7"},
                             {"SLURM_ARRAY_TASK_MIN", "1"},
                             {"SLURM_ARRAY_TASK_STEP", "2"},
                             {"SLURM_ARRAY_TASK_COUNT", "5"}}),
              "4/5");
    // Every task of an array of two has three processes: six shards.
    EXPECT_EQ(shard("auto", {{"SLURM_ARRAY_TASK_ID", "1"},
                             {"SLURM_ARRAY_TASK_MIN", "0"},
                             {"SLURM_ARRAY_TASK_COUNT", "2"},
                             {"SLURM_PROCID", "1"},
                             {"SLURM_NTASKS", "3"}}),
              "5/6");
    // mpirun within a Slurm job: every process inherits SLURM_PROCID 0.
    EXPECT_EQ(shard("auto", {{"OMPI_COMM_WORLD_RANK", "2"},
                             {"OMPI_COMM_WORLD_SIZE", "4"},
                             {"SLURM_PROCID", "0"},
                             {"SLURM_NTASKS", "4"}}),
              "3/4");
    EXPECT_EQ(shard("auto", {{"PMI_RANK", "3"}, {"PMI_SIZE", "4"}}), "4/4");
    EXPECT_EQ(shard("auto/8", {{"JOB_COMPLETION_INDEX", "7"}}), "8/8");
    std::string from;
    parse_shard("auto", environment({{"PMI_RANK", "0"}, {"PMI_SIZE", "1"}}), &from);
    EXPECT_EQ(from, "PMI_RANK and PMI_SIZE");
}

TEST(Shard, WhatCannotBeIsRefused) {
    for (const std::string text :
         {"0/4", "5/4", "-1/4", "1/0", "1", "a/b", "1/2/3", "", "1/", "1/99999999999"}) {
        expect_input_error([&] { shard(text, {}); }, {"--shard " + text});
    }
    expect_input_error([&] { shard("auto", {}); }, {"SLURM_PROCID", "JOB_COMPLETION_INDEX"});
    expect_input_error([&] { shard("auto/8", {}); }, {"JOB_COMPLETION_INDEX is not set"});
    expect_input_error([&] { shard("auto/8", {{"JOB_COMPLETION_INDEX", "8"}}); }, {"9 of 8"});
    expect_input_error(
        [&] {
            shard("auto", {{"PMI_RANK", "x"}, {"PMI_SIZE", "2"}});
        },
        {"PMI_RANK: 'x'"});
    expect_input_error(
        [&] {
            shard("auto", {{"SLURM_ARRAY_TASK_ID", "2"},
                           {"SLURM_ARRAY_TASK_MIN", "1"},
                           {"SLURM_ARRAY_TASK_STEP", "2"},
                           {"SLURM_ARRAY_TASK_COUNT", "5"}});
        },
        {"SLURM_ARRAY_TASK_ID"});
}

TEST(Shard, ItsFilesAreNamedAfterIt) {
    EXPECT_EQ(shard_path("a/out.npy", {2, 4}), "a/out.shard-2-of-4.npy");
}

}  // namespace clef
