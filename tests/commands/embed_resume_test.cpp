// Embedding runs that are killed go on and end with the same bytes; shards put together are the
// bytes of one run.
#include <algorithm>
#include <fmt/format.h>

#include "base/random.hpp"
#include "commands/workshop.hpp"
#include "shared.hpp"

namespace clef::testing {

namespace {

namespace fs = std::filesystem;

// Recordings of 10 s and of 30 s in a table, one of them bad, and names that CSV must quote.
class EmbedResume : public ::testing::Test {
  protected:
    void SetUp() override {
        const Workshop& workshop = Workshop::get();
        const fs::path records = workshop.record().parent_path();
        std::string table = "record,patient_id\n";
        for (int round = 0; round < 12; ++round) {
            for (int patient = 1; patient <= 8; ++patient) {
                table += (records / fmt::format("P{:05}_1", patient)).string() +
                         fmt::format(",\"p, {} \n of \"\"{}\"\"\"\n", patient, round);
                if (patient == 5) table += "nowhere,x\n";
            }
        }
        write_file(cohort(), table);
        reference_ = embed("whole", {});
    }

    fs::path cohort() const { return folder_.path() / "cohort.csv"; }
    fs::path output(const std::string& name) const { return folder_.path() / name / "e.npy"; }

    Words words(const std::string& name, const Words& more) const {
        Words words = {
            "embed", cohort().string(),     "--model",    Workshop::get().model().string(),
            "-o",    output(name).string(), "--skip-bad", "--threads",
            "2"};
        words.insert(words.end(), more.begin(), more.end());
        return words;
    }

    std::map<std::string, std::string> embed(const std::string& name, const Words& more) const {
        expect_done(run(words(name, more)));
        return contents(output(name).parent_path());
    }

    TemporaryFolder folder_;
    std::map<std::string, std::string> reference_;
};

TEST_F(EmbedResume, KilledAtAnyMomentItEndsWithTheSameBytes) {
    ASSERT_EQ(reference_.size(), 3U);  // e.npy, e.csv, skipped.csv
    Random random(5, "when to kill");
    int went_on = 0;
    for (int attempt = 0; attempt < 6; ++attempt) {
        const std::string name = fmt::format("killed-{}", attempt);
        for (int kill = 0; kill < 3; ++kill) {
            Program program(words(name, {"--checkpoint", "0"}));
            // Every other time once it has begun to write, however slow the machine is.
            if (attempt % 2 == 1) {
                ASSERT_TRUE(wait_for([&] { return fs::exists(output(name).string() + ".journal"); },
                                     std::chrono::seconds(60)));
            }
            const std::uint64_t most = attempt % 2 == 1 ? 40 : 130;
            std::this_thread::sleep_for(std::chrono::milliseconds(random.below(most)));
            program.send(SIGKILL);
            const Outcome outcome = program.wait();
            if (outcome.err.find("goes on behind") != std::string::npos) ++went_on;
            if (outcome.code == 0) break;
            EXPECT_FALSE(fs::exists(output(name)) && fs::exists(output(name).string() + ".part"));
        }
        EXPECT_EQ(embed(name, {}), reference_) << attempt;
    }
    EXPECT_GT(went_on, 0) << "no run was killed between its checkpoints";
}

TEST_F(EmbedResume, PrecisionsDoNotMix) {
    const auto coarse = embed("coarse", {"--precision", "int8"});
    EXPECT_EQ(coarse.at("e.csv"), reference_.at("e.csv"));
    EXPECT_NE(coarse.at("e.npy"), reference_.at("e.npy"));
    Words strict = words("mixed", {"--checkpoint", "0", "--precision", "bfloat16"});
    strict.erase(std::find(strict.begin(), strict.end(), "--skip-bad"));
    expect_refusal(run(strict), {"nowhere", "is kept"});
    expect_refusal(run(words("mixed", {})), {"precision", "bfloat16", "float32", "--restart"});
    expect_refusal(run(words("other", {"--precision", "int4"})),
                   {"int4", "float32, bfloat16 or int8"});
    expect_done(run(words("shards", {"--shard", "1/2", "--precision", "int8"})));
    expect_done(run(words("shards", {"--shard", "2/2"})));
    const fs::path folder = output("shards").parent_path();
    expect_refusal(
        run({"merge", (folder / "e.shard-1-of-2.npy").string(),
             (folder / "e.shard-2-of-2.npy").string(), "-o", (folder / "e.npy").string()}),
        {"precision"});
}

TEST_F(EmbedResume, ABadRecordingKeepsWhatWasDoneAndTheNextRunGoesOn) {
    Words strict = words("strict", {"--checkpoint", "0"});
    strict.erase(std::find(strict.begin(), strict.end(), "--skip-bad"));
    expect_refusal(run(strict), {"nowhere", "--skip-bad", "is kept"});
    EXPECT_FALSE(fs::exists(output("strict")));
    const Outcome outcome = run(words("strict", {}));
    expect_done(outcome);
    expect_words(outcome.err, {"goes on behind 5 of 108 recordings"});
    EXPECT_EQ(contents(output("strict").parent_path()), reference_);
}

TEST_F(EmbedResume, AnotherRunDoesNotGoOnWithIt) {
    Words strict = words("other", {"--checkpoint", "0"});
    strict.erase(std::find(strict.begin(), strict.end(), "--skip-bad"));
    expect_refusal(run(strict), {"is kept"});
    expect_refusal(run(words("other", {"--lead", "II"})),
                   {"interrupted run", "leads was \"\", is \"II\"", "--restart"});
    EXPECT_FALSE(fs::exists(output("other")));
    expect_done(run(words("other", {"--lead", "II", "--restart"})));
    EXPECT_NE(contents(output("other").parent_path()), reference_);
    EXPECT_EQ(contents(output("other").parent_path()).size(), 3U);
}

TEST_F(EmbedResume, OneRunAtATimeWritesAnOutput) {
    Program first(words("shared", {"--checkpoint", "0"}));
    ASSERT_TRUE(wait_for([&] { return fs::exists(output("shared").string() + ".journal"); },
                         std::chrono::seconds(60)));
    first.send(SIGSTOP);  // at work for as long as the second tries
    const Outcome second = run(words("shared", {}));
    first.send(SIGCONT);
    expect_done(first.wait());
    expect_refusal(second, {"e.npy", "another run is writing it"});
    EXPECT_EQ(contents(output("shared").parent_path()), reference_);
}

TEST_F(EmbedResume, ShardsPutTogetherAreOneRunsBytes) {
    for (const std::string count : {"1", "3", "4"}) {
        const std::string name = "shards-" + count;
        Words shards;
        for (int index = 1; index <= std::stoi(count); ++index) {
            const std::string shard = fmt::format("{}/{}", index, count);
            expect_done(run(words(name, {"--shard", shard})));
            shards.insert(shards.begin(), folder_.path() / name /
                                              fmt::format("e.shard-{}-of-{}.npy", index, count));
        }
        Words merge = {"merge", "-o", (folder_.path() / name / "merged" / "e.npy").string()};
        merge.insert(merge.end(), shards.begin(), shards.end());
        expect_done(run(merge));
        EXPECT_EQ(contents(folder_.path() / name / "merged"), reference_) << count;
    }
}

TEST_F(EmbedResume, ShardsOfDifferentRunsOrNotAllAreRefused) {
    const auto shard = [&](const std::string& index, const Words& more) {
        Words all = {"--shard", index + "/2"};
        all.insert(all.end(), more.begin(), more.end());
        expect_done(run(words("mixed", all)));
    };
    shard("1", {});
    shard("2", {"--lead", "II"});
    const std::string first = (folder_.path() / "mixed/e.shard-1-of-2.npy").string();
    const std::string second = (folder_.path() / "mixed/e.shard-2-of-2.npy").string();
    const std::string merged = (folder_.path() / "merged.npy").string();
    expect_refusal(run({"merge", first, second, "-o", merged}), {"another run", "leads"});
    expect_refusal(run({"merge", first, "-o", merged}), {"missing of 2: 2"});
    expect_refusal(run({"merge", first, first, "-o", merged}), {"given twice"});
    expect_refusal(run({"merge", output("whole").string(), "-o", merged}), {"not a shard"});
    shard("2", {});
    fs::resize_file(second, fs::file_size(second) - 4);
    expect_refusal(run({"merge", first, second, "-o", merged}), {second, "damaged"});
    EXPECT_FALSE(fs::exists(merged));
}

}  // namespace

}  // namespace clef::testing
