#include <gtest/gtest.h>

#include "base/file.hpp"
#include "commands/program.hpp"
#include "shared.hpp"

namespace clef::testing {

namespace {

std::string numbers(int count) {
    std::string text;
    for (int i = 0; i < count; ++i) text += std::to_string(i % 50) + "\n";
    return text;
}

}  // namespace

TEST(ReadingOptions, EveryErrorNamesTheOptionThatSettlesIt) {
    const TemporaryFolder folder;
    const std::string path = (folder.path() / "ecg.csv").string();
    write_file(path, numbers(6000));
    expect_refusal(run({"info", path}), {"ecg.csv", "--fs"});
    expect_refusal(run({"info", path, "--fs", "500"}), {"ecg.csv", "--units"});
    const Outcome described =
        run({"info", path, "--fs", "500", "--units", "uV", "--lead-names", "II", "--json"});
    expect_done(described);
    expect_words(described.out, {"\"kind\": \"recording\"", "\"II\"", "6000"});
}

TEST(ReadingOptions, PreprocessTakesThem) {
    const TemporaryFolder folder;
    const std::string path = (folder.path() / "ecg.txt").string();
    const std::string output = (folder.path() / "x.npy").string();
    write_file(path, numbers(6000));
    expect_done(run({"preprocess", path, "--recipe", "clef", "--lead", "I", "--fs", "500",
                     "--units", "uV", "--lead-names", "I", "-o", output}));
    EXPECT_TRUE(std::filesystem::exists(output));
    expect_refusal(run({"preprocess", path, "--recipe", "clef", "--lead", "I", "--fs", "500",
                        "--units", "furlongs", "-o", output}),
                   {"--units", "200/mV"});
}

TEST(ReadingOptions, ATableWithAColumnRecordIsACohort) {
    const TemporaryFolder folder;
    const std::string path = (folder.path() / "cohort.csv").string();
    write_file(path, "record,age\n1,60\n");
    const Outcome described = run({"info", path, "--json"});
    expect_done(described);
    expect_words(described.out, {"\"kind\": \"cohort\""});
}

}  // namespace clef::testing
