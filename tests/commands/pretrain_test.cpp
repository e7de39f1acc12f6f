// clef pretrain: configuration, interruption and resumption.
#include <algorithm>
#include <sstream>

#include "base/random.hpp"
#include "commands/workshop.hpp"
#include "shared.hpp"

namespace clef::testing {

namespace {

namespace fs = std::filesystem;

// checkpoint_minutes=0: a checkpoint after every step, so that log.jsonl shows how far a run has
// come.
Words pretraining(const fs::path& folder, const std::string& steps, const std::string& threads) {
    return {"pretrain",
            "--cohort",
            Workshop::get().cohort().string(),
            "--config",
            "quick",
            "--set",
            "run.batch=4",
            "--set",
            "run.log_every=1",
            "--set",
            "run.checkpoint_minutes=0",
            "--set",
            "run.steps=" + steps,
            "--threads",
            threads,
            "-o",
            folder.string()};
}

Words resuming(const fs::path& folder, const Words& more = {}) {
    Words words = {"pretrain", "--cohort", Workshop::get().cohort().string(), "--resume",
                   folder.string()};
    words.insert(words.end(), more.begin(), more.end());
    return words;
}

std::ptrdiff_t steps_logged(const fs::path& folder) {
    const fs::path log = folder / "log.jsonl";
    if (!fs::exists(log)) return 0;
    const std::string text = read_text_file(log);
    return std::count(text.begin(), text.end(), '\n');
}

// Starts a run and sends the signal once the folder holds a checkpoint of at least three steps.
Outcome disturbed(const Words& words, const fs::path& folder, int signal) {
    Program program(words);
    EXPECT_TRUE(wait_for(
        [&] { return steps_logged(folder) >= 3 && fs::exists(folder / "model.safetensors"); },
        std::chrono::seconds(60)));
    program.send(signal);
    return program.wait();
}

TEST(Pretrain, WritesModelLogConfigurationAndCheckpoint) {
    CLEF_REQUIRE_TRAINING();
    const TemporaryFolder folder;
    const fs::path output = folder.path() / "run";
    Words words = pretraining(output, "3", "1");
    words.push_back("--json");
    const Outcome outcome = run(words);
    expect_done(outcome);
    const auto summary = nlohmann::json::parse(outcome.out);
    EXPECT_EQ(summary.at("steps"), 3);
    EXPECT_EQ(summary.at("model"), (output / "model.safetensors").string());
    EXPECT_EQ(steps_logged(output), 3);
    expect_words(read_text_file(output / "config.toml"), {"[run]", "steps = 3", "batch = 4"});
    EXPECT_TRUE(fs::exists(output / "checkpoint" / "step-000000003.safetensors"));
}

TEST(Pretrain, CtrlCKeepsAUsableModelAndSaysHowToGoOn) {
    CLEF_REQUIRE_TRAINING();
    const TemporaryFolder folder;
    const fs::path output = folder.path() / "run";
    const Outcome outcome = disturbed(pretraining(output, "100000", "1"), output, SIGINT);
    EXPECT_EQ(outcome.code, 1) << outcome.err;
    expect_words(outcome.err, {"interrupted at step", "of 100000", "--resume " + output.string(),
                               (output / "model.safetensors").string()});
    const std::string embeddings = (folder.path() / "e.npy").string();
    expect_done(run({"embed", Workshop::get().record().string(), "--model",
                     (output / "model.safetensors").string(), "-o", embeddings}));
    EXPECT_EQ(read_npy(embeddings).shape, (std::vector<std::size_t>{1, 256}));

    const auto done = steps_logged(output);
    const std::string total = std::to_string(done + 2);
    const Outcome resumed = run(resuming(output, {"--set", "run.steps=" + total}));
    expect_done(resumed);
    expect_words(resumed.err, {"resumed at step " + std::to_string(done)});
    EXPECT_EQ(steps_logged(output), done + 2);
}

// However a run ends — asked to stop, or killed in the middle of a step — and on however many
// threads it goes on, the model is the one that an undisturbed run makes.
TEST(Pretrain, ResumedRunEndsInTheSameModelAsAnUndisturbedOne) {
    CLEF_REQUIRE_TRAINING();
    const TemporaryFolder folder;
    const std::string steps = "24";
    expect_done(run(pretraining(folder.path() / "whole", steps, "2")));
    const std::string whole = read_text_file(folder.path() / "whole" / "model.safetensors");
    for (const int signal : {SIGINT, SIGKILL}) {
        SCOPED_TRACE(signal);
        const fs::path output = folder.path() / std::to_string(signal);
        const Outcome outcome = disturbed(pretraining(output, steps, "1"), output, signal);
        ASSERT_EQ(outcome.code, signal == SIGINT ? 1 : 128 + SIGKILL) << outcome.out << outcome.err;
        EXPECT_LT(steps_logged(output), 24);
        EXPECT_NE(read_text_file(output / "model.safetensors"), whole);
        expect_done(run(resuming(output, {"--threads", "2"})));
        EXPECT_TRUE(read_text_file(output / "model.safetensors") == whole);
        EXPECT_EQ(steps_logged(output), 24);
    }
}

// Killed ten times over, each time a random while after it came back: not a bit is lost.
TEST(Pretrain, TenTimesKilledTheModelIsThatOfAnUndisturbedRun) {
    CLEF_REQUIRE_TRAINING();
    const TemporaryFolder folder;
    const std::string steps = "64";
    expect_done(run(pretraining(folder.path() / "whole", steps, "2")));
    const fs::path output = folder.path() / "killed";
    Random random(6, "kill");
    for (int kill = 0; kill < 10; ++kill) {
        const auto before = steps_logged(output);
        const auto more = static_cast<std::ptrdiff_t>(1 + random.below(4));
        Program program(kill == 0 ? pretraining(output, steps, "2")
                                  : resuming(output, {"--threads", "2"}));
        ASSERT_TRUE(wait_for([&] { return steps_logged(output) >= before + more; },
                             std::chrono::seconds(60)));
        std::this_thread::sleep_for(std::chrono::microseconds(random.below(20'000)));
        program.send(SIGKILL);
        ASSERT_EQ(program.wait().code, 128 + SIGKILL) << "it ended before it was killed";
    }
    expect_done(run(resuming(output, {"--threads", "2"})));
    EXPECT_TRUE(read_text_file(output / "model.safetensors") ==
                read_text_file(folder.path() / "whole" / "model.safetensors"));
    EXPECT_EQ(steps_logged(output), 64);
}

// A folder that cannot be written to while the object lives.
class ReadOnly {
  public:
    explicit ReadOnly(fs::path folder) : folder_(std::move(folder)) { set(0555); }
    ~ReadOnly() { set(0755); }
    ReadOnly(const ReadOnly&) = delete;
    ReadOnly& operator=(const ReadOnly&) = delete;

  private:
    void set(unsigned rights) {
        for (const auto& entry : fs::recursive_directory_iterator(folder_)) {
            if (entry.is_directory()) fs::permissions(entry.path(), fs::perms(rights));
        }
        fs::permissions(folder_, fs::perms(rights));
    }
    fs::path folder_;
};

TEST(Pretrain, AFolderThatCannotBeWrittenToIsNamedBeforeAnythingIsComputed) {
    CLEF_REQUIRE_TRAINING();
    const TemporaryFolder folder;
    const ReadOnly locked(folder.path());
    const fs::path output = folder.path() / "run";
    expect_refusal(run(pretraining(output, "3", "1")), {output.string(), "Permission denied"});
    const std::string cache = (folder.path() / "cache").string();
    expect_refusal(run({"prepare", Workshop::get().cohort().string(), "-o", cache}),
                   {cache, "Permission denied"});
}

// As a disk that goes read-only after an error does.
TEST(Pretrain, AFolderThatBecomesReadOnlyKeepsWhatTheRunHasLearnt) {
    CLEF_REQUIRE_TRAINING();
    const TemporaryFolder folder;
    const std::string steps = "24";
    expect_done(run(pretraining(folder.path() / "whole", steps, "2")));
    const fs::path output = folder.path() / "run";
    {
        Program program(pretraining(output, steps, "1"));
        ASSERT_TRUE(wait_for(
            [&] { return steps_logged(output) >= 3 && fs::exists(output / "model.safetensors"); },
            std::chrono::seconds(60)));
        const ReadOnly locked(output);
        const Outcome outcome = program.wait();
        EXPECT_EQ(outcome.code, 1) << outcome.out << outcome.err;
        expect_words(outcome.err, {output.string(), "Permission denied"});
    }
    EXPECT_LT(steps_logged(output), 24);
    expect_done(run(resuming(output, {"--threads", "2"})));
    EXPECT_TRUE(read_text_file(output / "model.safetensors") ==
                read_text_file(folder.path() / "whole" / "model.safetensors"));
    EXPECT_EQ(steps_logged(output), 24);
}

TEST(Pretrain, ADamagedCheckpointIsNamedAndTheOneBeforeTaken) {
    CLEF_REQUIRE_TRAINING();
    const TemporaryFolder folder;
    const fs::path output = folder.path() / "run";
    expect_done(run(pretraining(output, "3", "1")));
    const fs::path newest = output / "checkpoint" / "step-000000003.safetensors";
    std::string bytes = read_text_file(newest);
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
    write_file(newest, bytes);
    const Outcome outcome = run(resuming(output));
    expect_done(outcome);
    expect_words(outcome.err, {newest.string(), "damaged", "resumed at step 2 of 3"});
}

TEST(Pretrain, ACacheChangesNothing) {
    CLEF_REQUIRE_TRAINING();
    const TemporaryFolder folder;
    const std::string cache = (folder.path() / "cache").string();
    const Outcome prepared =
        run({"prepare", Workshop::get().cohort().string(), "-o", cache, "--json"});
    expect_done(prepared);
    EXPECT_EQ(nlohmann::json::parse(prepared.out).at("recordings"), 14) << "those of split train";
    expect_done(run(pretraining(folder.path() / "files", "4", "1")));
    Words words = pretraining(folder.path() / "cached", "4", "2");
    words.insert(words.end(), {"--cache", cache});
    expect_done(run(words));
    const auto tensors = [&](const char* name) {
        return read_model(folder.path() / name / "model.safetensors").tensors;
    };
    const Tensors files = tensors("files");
    for (const auto& [name, tensor] : tensors("cached")) {
        EXPECT_EQ(tensor.data, files.at(name).data) << name;
    }
}

// The log's losses, in their order.
std::vector<double> losses(const fs::path& folder) {
    std::vector<double> values;
    std::istringstream log(read_text_file(folder / "log.jsonl"));
    for (std::string line; std::getline(log, line);) {
        values.push_back(nlohmann::json::parse(line).at("loss").get<double>());
    }
    return values;
}

// Two processes, and from step 3 on one.
TEST(Pretrain, ProcessesShareABatchAndTheirNumberMayChange) {
    CLEF_REQUIRE_TRAINING();
    const TemporaryFolder folder;
    expect_done(run(pretraining(folder.path() / "one", "6", "1")));
    const fs::path output = folder.path() / "two";
    Words words = pretraining(output, "3", "1");
    words.insert(words.end(), {"--processes", "2", "--set", "optimiser.schedule=constant"});
    const Outcome two = run(words);
    expect_done(two);
    expect_done(run(resuming(output, {"--set", "run.steps=6"})));
    Words alone = pretraining(folder.path() / "alone", "6", "1");
    alone.insert(alone.end(), {"--set", "optimiser.schedule=constant"});
    expect_done(run(alone));
    const auto expected = losses(folder.path() / "alone");
    const auto found = losses(output);
    ASSERT_EQ(found.size(), 6U);
    for (std::size_t i = 0; i < 6; ++i) EXPECT_NEAR(found[i], expected[i], 1e-5 * expected[i]) << i;
}

TEST(Pretrain, ADeadProcessEndsTheRunAndSaysHowToGoOn) {
    CLEF_REQUIRE_TRAINING();
    const TemporaryFolder folder;
    const fs::path output = folder.path() / "run";
    Words words = pretraining(output, "100000", "1");
    const std::string port = std::to_string(20000 + ::getpid() % 20000);
    const auto start = [&](const char* rank) {
        ::setenv("RANK", rank, 1);
        ::setenv("WORLD_SIZE", "2", 1);
        ::setenv("MASTER_ADDR", "127.0.0.1", 1);
        ::setenv("MASTER_PORT", port.c_str(), 1);
        auto program = std::make_unique<Program>(words);
        for (const char* name : {"RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT"}) {
            ::unsetenv(name);
        }
        return program;
    };
    const auto first = start("0");
    const auto second = start("1");
    ASSERT_TRUE(wait_for([&] { return steps_logged(output) >= 3; }, std::chrono::seconds(60)));
    const auto killed = std::chrono::steady_clock::now();
    second->send(SIGKILL);
    const Outcome outcome = first->wait();
    EXPECT_LT(std::chrono::steady_clock::now() - killed, std::chrono::seconds(60));
    EXPECT_EQ(outcome.code, 1) << outcome.err;
    expect_words(outcome.err, {"rank 0 of 2", "another process", "--resume"});
    expect_done(
        run(resuming(output, {"--set", "run.steps=" + std::to_string(steps_logged(output) + 1)})));
}

TEST(Pretrain, UnknownSettingSuggestsTheRightOne) {
    CLEF_REQUIRE_TRAINING();
    const TemporaryFolder folder;
    const fs::path output = folder.path() / "run";
    Words words = pretraining(output, "1", "1");
    words.insert(words.end(), {"--set", "optimiser.lerning_rate=1e-3"});
    expect_refusal(run(words),
                   {"optimiser.lerning_rate", "Did you mean 'optimiser.learning_rate'?"});
    EXPECT_FALSE(fs::exists(output));
}

TEST(Pretrain, ASettingOfTheWrongTypeSaysWhatIsExpected) {
    CLEF_REQUIRE_TRAINING();
    const TemporaryFolder folder;
    const fs::path output = folder.path() / "run";
    expect_refusal(run(pretraining(output, "many", "1")), {"run.steps", "many", "a whole number"});
    EXPECT_FALSE(fs::exists(output));
}

TEST(Pretrain, ShownConfigurationIsOneThatCanBeRead) {
    CLEF_REQUIRE_TRAINING();
    const TemporaryFolder folder;
    const fs::path file = folder.path() / "mine.toml";
    const auto show = [&](const std::string& config, const Words& more) {
        Words words = {"pretrain", "--show-config", "--config", config};
        words.insert(words.end(), more.begin(), more.end());
        const Outcome outcome = run(words);
        expect_done(outcome);
        return outcome.out;
    };
    const std::string shown = show("quick", {"--set", "run.batch=12"});
    expect_words(shown, {"batch = 12", "[optimiser]"});
    write_file(file, shown);
    EXPECT_EQ(show(file.string(), {}), shown);
}

TEST(Pretrain, WithoutACohortOrAFolderItSaysWhatToGive) {
    CLEF_REQUIRE_TRAINING();
    expect_refusal(run({"pretrain", "-o", "none"}), {"--cohort"});
    expect_refusal(run({"pretrain", "--cohort", "none.csv"}), {"-o RUN/", "--resume RUN/"});
    EXPECT_FALSE(fs::exists("none"));
}

// The shared checkpoint is one as published: Lightning's, with `backbone.` before every name.
TEST(Pretrain, InitStartsFromTheWeightsOfAFileOrCheckpoint) {
    CLEF_REQUIRE_TRAINING();
    CLEF_REQUIRE_SHARED("goldens/checkpoints");
    const TemporaryFolder folder;
    const fs::path checkpoint = shared_folder() / "goldens/checkpoints/clef_small_lightning.ckpt";
    const fs::path file = folder.path() / "m.safetensors";
    write_model(random_model("clef-small", 1, 9), file);
    for (const fs::path& start : {checkpoint, file}) {
        const fs::path output = folder.path() / start.stem();
        Words words = pretraining(output, "2", "1");
        words.insert(words.end(),
                     {"--init", start.string(), "--set", "optimiser.learning_rate=1e-12", "--set",
                      "optimiser.lowest_learning_rate=1e-12"});
        expect_done(run(words));
        const Model trained = read_model(output / "model.safetensors");
        const Model before = read_model(start, {.quiet = true});
        for (const auto& [name, tensor] : before.tensors) {
            if (tensor.type != ElementType::float32) continue;
            const auto expected = tensor.floats();
            const auto found = trained.tensors.at(name).floats();
            for (std::size_t i = 0; i < expected.size(); ++i) {
                ASSERT_NEAR(found[i], expected[i], 1e-6) << start << " " << name << " " << i;
            }
        }
    }
}

TEST(Pretrain, InitRefusesAnotherArchitectureByName) {
    CLEF_REQUIRE_TRAINING();
    const TemporaryFolder folder;
    const fs::path output = folder.path() / "run";
    const auto init = [&](const fs::path& file) {
        Words words = pretraining(output, "2", "1");
        words.insert(words.end(),
                     {"--init", file.string(), "--set", "model.architecture=clef-medium"});
        return run(words);
    };
    write_model(random_model("clef-small", 1, 9), folder.path() / "m.safetensors");
    expect_refusal(init(folder.path() / "m.safetensors"),
                   {"m.safetensors", "clef-small", "model.architecture is clef-medium"});
    write_file(folder.path() / "text.ckpt", "no weights\n");
    expect_refusal(init(folder.path() / "text.ckpt"), {"text.ckpt", "PyTorch checkpoint"});
    EXPECT_FALSE(fs::exists(output));
}

TEST(Pretrain, ASecondRunIntoTheSameFolderIsRefused) {
    CLEF_REQUIRE_TRAINING();
    const fs::path output = Workshop::get().model().parent_path();
    const auto before = contents(output);
    expect_refusal(run(pretraining(output, "1", "1")), {output.string(), "--resume"});
    EXPECT_EQ(contents(output), before);
}

TEST(Pretrain, ResumingNeedsARunAndItsCohort) {
    CLEF_REQUIRE_TRAINING();
    const TemporaryFolder folder;
    expect_refusal(run(resuming(folder.path())), {folder.path().string(), "config.toml"});
    const fs::path output = folder.path() / "run";
    expect_done(run(pretraining(output, "1", "1")));
    const auto before = contents(output);
    const fs::path other = folder.path() / "other";
    expect_done(run({"simulate", "-o", other.string(), "--patients", "4", "--recordings", "1"}));
    expect_refusal(
        run({"pretrain", "--cohort", (other / "cohort.csv").string(), "--resume", output.string()}),
        {"patients", "same cohort"});
    EXPECT_EQ(contents(output), before);
}

}  // namespace

}  // namespace clef::testing
