// Help, and requests that make no sense whatever the command.
#include "commands/program.hpp"

namespace clef::testing {

namespace {

const Words commands = {"demo",        "info",    "dump",     "simulate",   "index",
                        "annotations", "convert", "risk",     "preprocess", "pretrain",
                        "model",       "embed",   "evaluate", "geometry",   "stream"};

// Those that need libtorch only say so in a build without it.
bool is_here(const std::string& command) {
#ifdef CLEF_TRAINING
    return !command.empty();
#else
    return command != "demo" && command != "pretrain";
#endif
}

TEST(Help, ListsEveryCommandAndAnExample) {
    const Outcome outcome = run({"--help"});
    expect_done(outcome);
    expect_words(outcome.out, commands);
    expect_words(outcome.out, {"Example: clef demo"});
    EXPECT_EQ(outcome.err, "");
}

TEST(Help, OfEveryCommandShowsAnExample) {
    for (const std::string& command : commands) {
        SCOPED_TRACE(command);
        const Outcome outcome = run({command, "--help"});
        if (!is_here(command)) {
            expect_refusal(outcome, {command, "no training", "CLEF_TRAINING"});
            continue;
        }
        expect_done(outcome);
        expect_words(outcome.out, {"Example", "clef " + command});
        EXPECT_EQ(outcome.err, "");
    }
}

TEST(Help, VersionGoesToStandardOutput) {
    const Outcome outcome = run({"--version"});
    expect_done(outcome);
    EXPECT_TRUE(outcome.out.find_first_of("0123456789") != std::string::npos) << outcome.out;
}

TEST(WrongRequest, UnknownCommandIsRefused) {
    expect_refusal(run({"frobnicate"}), {"ubcommand"});
    expect_refusal(run({}), {"ubcommand"});
}

TEST(WrongRequest, UnknownOptionIsNamed) {
    expect_refusal(run({"--frobnicate", "info", "x.csv"}), {"--frobnicate"});
    expect_refusal(run({"info", "x.csv", "--frobnicate"}), {"--frobnicate"});
    expect_refusal(run({"risk", "x.csv", "--frobnicate"}), {"--frobnicate"});
}

TEST(WrongRequest, MissingOptionIsNamed) {
    expect_refusal(run({"embed", "x.csv", "-o", "e.npy"}), {"--model"});
}

}  // namespace

}  // namespace clef::testing
