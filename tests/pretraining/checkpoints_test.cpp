// Checkpoints that are damaged, cut short or cannot be written: the last good one stays and is
// found.
#include "pretraining/checkpoints.hpp"

#include <csignal>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/progress.hpp"
#include "shared.hpp"

namespace clef {
namespace {

Checkpoint checkpoint(std::int64_t step, std::size_t values = 100) {
    Checkpoint result;
    result.step = step;
    result.state = {{"patients", 7}};
    result.tensors["weight"] = Tensor::from({static_cast<std::int64_t>(values)},
                                            std::vector<float>(values, static_cast<float>(step)));
    return result;
}

class CheckpointsTest : public ::testing::Test {
  protected:
    void damage(std::size_t which, const std::function<void(std::string&)>& change) const {
        const auto file = checkpoints_.files().at(which);
        std::string bytes = read_text_file(file);
        change(bytes);
        write_file(file, bytes);
    }

    testing::TemporaryFolder folder_;
    Checkpoints checkpoints_{folder_.path() / "checkpoint", 3};
};

TEST_F(CheckpointsTest, TheNewestComesBackAndTheLastFewAreKept) {
    for (const std::int64_t step : {2, 9, 10, 100, 101}) checkpoints_.save(checkpoint(step));
    const auto files = checkpoints_.files();
    ASSERT_EQ(files.size(), 3U);
    EXPECT_EQ(files[0].filename(), "step-000000101.safetensors");
    EXPECT_EQ(files[2].filename(), "step-000000010.safetensors");
    const Checkpoint found = checkpoints_.newest();
    EXPECT_EQ(found.step, 101);
    EXPECT_EQ(found.state.at("patients"), 7);
    EXPECT_EQ(found.tensors.at("weight").data, checkpoint(101).tensors.at("weight").data);
    EXPECT_TRUE(has_checkpoint(folder_.path()));
    EXPECT_FALSE(has_checkpoint(folder_.path() / "elsewhere"));
}

TEST_F(CheckpointsTest, OneFlippedBitAnywhereIsNoticedAndTheOneBeforeIsTaken) {
    checkpoints_.save(checkpoint(1));
    checkpoints_.save(checkpoint(2));
    const auto file = checkpoints_.files().at(0);
    const std::string whole = read_text_file(file);
    set_quiet(true);
    for (std::size_t at = 0; at < whole.size(); at += 7) {
        std::string bytes = whole;
        bytes[at] = static_cast<char>(bytes[at] ^ 4);
        write_file(file, bytes);
        ::testing::internal::CaptureStderr();
        const std::int64_t step = checkpoints_.newest().step;
        const std::string said = ::testing::internal::GetCapturedStderr();
        EXPECT_EQ(step, 1) << "byte " << at;
        EXPECT_NE(said.find(file.string()), std::string::npos) << said;
    }
}

TEST_F(CheckpointsTest, WhereNoneIsWholeTheRunIsRefused) {
    EXPECT_THROW(checkpoints_.newest(), InputError);
    checkpoints_.save(checkpoint(1));
    checkpoints_.save(checkpoint(2));
    damage(0, [](std::string& bytes) { bytes.resize(bytes.size() / 2); });
    damage(1, [](std::string& bytes) { bytes.clear(); });
    EXPECT_THROW(checkpoints_.newest(), InputError);
}

// A limit on the size of files fails a write as a full disk does.
TEST_F(CheckpointsTest, AFullDiskLeavesThoseThatAreThere) {
    checkpoints_.save(checkpoint(1));
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    rlimit small = before;
    small.rlim_cur = 20'000;
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
    std::string message;
    try {
        checkpoints_.save(checkpoint(2, 1'000'000));
    } catch (const RunError& error) {
        message = error.what();
    }
    ::setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, handler);
    EXPECT_NE(message.find("step-000000002.safetensors"), std::string::npos) << message;
    EXPECT_EQ(checkpoints_.newest().step, 1);
    std::size_t files = 0;
    for ([[maybe_unused]] const auto& entry :
         std::filesystem::directory_iterator(folder_.path() / "checkpoint")) {
        ++files;
    }
    EXPECT_EQ(files, 1U) << "nothing half-written may stay";
}

TEST_F(CheckpointsTest, AFolderThatCannotBeIsSaid) {
    write_file(folder_.path() / "file", "");
    const Checkpoints impossible(folder_.path() / "file" / "checkpoint", 3);
    EXPECT_THROW(impossible.save(checkpoint(1)), std::runtime_error);
}

}  // namespace
}  // namespace clef
