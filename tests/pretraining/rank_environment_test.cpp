#include "pretraining/rank_environment.hpp"

#include <gtest/gtest.h>
#include <map>
#include <string>

#include "base/error.hpp"

namespace clef {
namespace {

RankEnvironment in(const std::map<std::string, std::string>& variables) {
    return rank_environment([&](const char* name) -> const char* {
        const auto it = variables.find(name);
        return it == variables.end() ? nullptr : it->second.c_str();
    });
}

TEST(RankEnvironment, NothingSetIsOneProcess) {
    EXPECT_EQ(in({}).size, 1);
    EXPECT_EQ(in({{"RANK", "3"}}).size, 1);  // a rank of nothing
    // Inside sbatch, outside srun: one process, whatever the job's number of tasks.
    EXPECT_EQ(in({{"SLURM_PROCID", "0"}, {"SLURM_NTASKS", "8"}}).size, 1);
}

TEST(RankEnvironment, EachLauncherIsUnderstood) {
    const RankEnvironment torchrun =
        in({{"RANK", "3"}, {"WORLD_SIZE", "8"}, {"MASTER_ADDR", "node1"}, {"MASTER_PORT", "1234"}});
    EXPECT_EQ(torchrun.rank, 3);
    EXPECT_EQ(torchrun.size, 8);
    EXPECT_EQ(torchrun.address, "node1");
    EXPECT_EQ(torchrun.port, 1234);
    const RankEnvironment slurm =
        in({{"SLURM_PROCID", "1"}, {"SLURM_STEP_NUM_TASKS", "2"}, {"SLURM_STEP_NUM_NODES", "1"}});
    EXPECT_EQ(slurm.rank, 1);
    EXPECT_EQ(slurm.size, 2);
    EXPECT_EQ(slurm.address, "127.0.0.1");
    EXPECT_EQ(slurm.port, 29500);
    EXPECT_EQ(in({{"OMPI_COMM_WORLD_RANK", "2"},
                  {"OMPI_COMM_WORLD_SIZE", "4"},
                  {"OMPI_COMM_WORLD_LOCAL_SIZE", "4"}})
                  .rank,
              2);
    EXPECT_EQ(in({{"PMI_RANK", "1"}, {"PMI_SIZE", "4"}, {"MASTER_ADDR", "a"}}).size, 4);
}

TEST(RankEnvironment, EachLauncherSaysWhichOfThisMachinesProcessesThisIs) {
    const std::map<std::string, std::string> torchrun = {
        {"RANK", "5"}, {"WORLD_SIZE", "8"}, {"MASTER_ADDR", "a"}, {"LOCAL_RANK", "1"}};
    EXPECT_EQ(in(torchrun).local_rank, 1);
    EXPECT_EQ(in({{"RANK", "5"}, {"WORLD_SIZE", "8"}, {"MASTER_ADDR", "a"}}).local_rank, 0);
    EXPECT_EQ(in({{"SLURM_PROCID", "5"},
                  {"SLURM_STEP_NUM_TASKS", "8"},
                  {"SLURM_LOCALID", "2"},
                  {"MASTER_ADDR", "a"}})
                  .local_rank,
              2);
    EXPECT_EQ(in({{"OMPI_COMM_WORLD_RANK", "2"},
                  {"OMPI_COMM_WORLD_SIZE", "4"},
                  {"OMPI_COMM_WORLD_LOCAL_RANK", "3"},
                  {"OMPI_COMM_WORLD_LOCAL_SIZE", "4"}})
                  .local_rank,
              3);
    EXPECT_EQ(
        in({{"PMI_RANK", "1"}, {"PMI_SIZE", "4"}, {"MASTER_ADDR", "a"}, {"MPI_LOCALRANKID", "1"}})
            .local_rank,
        1);
}

TEST(RankEnvironment, WhatCannotBeIsRefusedByName) {
    EXPECT_THROW(
        in({{"RANK", "0"}, {"WORLD_SIZE", "2"}, {"MASTER_ADDR", "a"}, {"LOCAL_RANK", "2"}}),
        InputError);
    EXPECT_THROW(in({{"RANK", "2"}, {"WORLD_SIZE", "2"}, {"MASTER_ADDR", "a"}}), InputError);
    EXPECT_THROW(in({{"RANK", "x"}, {"WORLD_SIZE", "2"}, {"MASTER_ADDR", "a"}}), InputError);
    EXPECT_THROW(in({{"RANK", "0"}, {"WORLD_SIZE", "0"}}), InputError);
    EXPECT_THROW(in({{"RANK", "0"}, {"WORLD_SIZE", "2"}}), InputError);  // on which machine?
    EXPECT_THROW(
        in({{"RANK", "0"}, {"WORLD_SIZE", "2"}, {"MASTER_ADDR", "a"}, {"MASTER_PORT", "70000"}}),
        InputError);
}

}  // namespace
}  // namespace clef
