// Recordings, tables and model files that cannot be used: one clear message each and nothing
// written, or with --skip-bad a list of what was left out.
#include <cmath>

#include "base/csv.hpp"
#include "base/random.hpp"
#include "commands/workshop.hpp"
#include "formats/wfdb_writer.hpp"
#include "shared.hpp"

namespace clef::testing {

namespace {

namespace fs = std::filesystem;

void write_record(const fs::path& path, const Words& leads, double seconds) {
    Recording recording;
    recording.sampling_rate = 500;
    for (const std::string& name : leads) {
        Lead lead{name, name, "mV", true, {}};
        for (int i = 0; i < static_cast<int>(seconds * 500); ++i) {
            lead.samples.push_back(
                static_cast<float>(std::sin(0.01 * i) + 0.2 * std::sin(0.37 * i)));
        }
        recording.leads.push_back(std::move(lead));
    }
    write_wfdb(path, recording);
}

// A cohort of a good recording and a bad one.
class BadRecording : public ::testing::Test {
  protected:
    void SetUp() override { write_record(path("good"), {"I", "II"}, 10); }

    fs::path path(const std::string& name) const { return folder_.path() / name; }

    void write_table() const {
        write_file(path("cohort.csv"), "record,patient_id\ngood,1\nbad,2\n");
    }

    Outcome embed(const Words& more = {}) const {
        Words words = {"embed",   path("cohort.csv").string(),
                       "--model", Workshop::get().model().string(),
                       "-o",      path("out/e.npy").string()};
        words.insert(words.end(), more.begin(), more.end());
        return run(words);
    }

    void expect_refused_and_skipped(const Words& message) const {
        write_table();
        expect_refusal(embed(), message);
        EXPECT_FALSE(fs::exists(path("out/e.npy")));
        EXPECT_FALSE(fs::exists(path("out/e.csv")));
        EXPECT_FALSE(fs::exists(path("out/skipped.csv")));

        const Outcome skipping = embed({"--skip-bad"});
        expect_done(skipping);
        expect_words(skipping.err, {"warning: 1 recording", "skipped.csv"});
        EXPECT_EQ(read_npy(path("out/e.npy")).shape, (std::vector<std::size_t>{1, 256}));
        const CsvTable kept = read_csv(path("out/e.csv"));
        ASSERT_EQ(kept.rows.size(), 1u);
        EXPECT_EQ(kept.rows[0][kept.require("record")], "good");
        const CsvTable skipped = read_csv(path("out/skipped.csv"));
        ASSERT_EQ(skipped.rows.size(), 1u);
        EXPECT_EQ(skipped.rows[0][skipped.require("record")], "bad");
        expect_words(skipped.rows[0][skipped.require("reason")], message);
    }

    void expect_pretraining_refuses(const Words& message) const {
        if (!can_train()) return;
        const Words words = {"pretrain",
                             "--cohort",
                             path("cohort.csv").string(),
                             "--config",
                             "quick",
                             "--set",
                             "run.steps=1",
                             "--set",
                             "run.batch=2",
                             "-o",
                             path("run").string()};
        expect_refusal(run(words), message);
        EXPECT_TRUE(!fs::exists(path("run")) || contents(path("run")).empty());
    }

    TemporaryFolder folder_;
};

TEST_F(BadRecording, MissingFile) {
    const Words message = {path("bad").string(), "no such recording", "bad.hea"};
    expect_refused_and_skipped(message);
    expect_pretraining_refuses(message);
}

TEST_F(BadRecording, WithoutTheLead) {
    write_record(path("bad"), {"II", "V1"}, 10);
    expect_refused_and_skipped({path("bad").string(), "no lead I", "II, V1"});
}

TEST_F(BadRecording, ShorterThanTheWindow) {
    write_record(path("bad"), {"I"}, 3);
    expect_refused_and_skipped({path("bad").string(), "3 s", "10 s", "--pad"});
    expect_done(embed({"--pad"}));
    const NpyArray padded = read_npy(path("out/e.npy"));
    EXPECT_EQ(padded.shape, (std::vector<std::size_t>{2, 256}));
    for (const float value : padded.values) ASSERT_TRUE(std::isfinite(value));
    EXPECT_FALSE(fs::exists(path("out/skipped.csv"))) << "of the run before";
}

TEST_F(BadRecording, EverySampleOfTheLeadMissing) {
    write_record(path("bad"), {"I"}, 10);
    std::string samples;
    for (int i = 0; i < 5000; ++i) samples += std::string("\x00\x80", 2);  // -32768: no sample
    write_file(path("bad.dat"), samples);
    write_file(path("bad.hea"), "bad 1 500 5000\nbad.dat 16 1000/mV 16 0 -32768 0 0 I\n");
    expect_refused_and_skipped({path("bad").string(), "lead I", "missing"});
}

TEST_F(BadRecording, SignalFileCutOff) {
    write_record(path("bad"), {"I", "II"}, 10);
    fs::resize_file(path("bad.dat"), 7001);
    const Words message = {path("bad.dat").string(), "7001", "20000"};
    expect_refused_and_skipped(message);
    expect_pretraining_refuses(message);
}

TEST_F(BadRecording, HeaderThatIsNoHeader) {
    write_record(path("bad"), {"I"}, 10);
    write_file(path("bad.hea"), "<html>not found</html>\n");
    expect_refused_and_skipped({path("bad.hea").string()});
}

TEST_F(BadRecording, NothingLeftAfterSkippingIsAnErrorThatSaysWhy) {
    write_file(path("cohort.csv"), "record,patient_id\nbad,2\nworse,3\n");
    expect_refusal(embed({"--skip-bad"}),
                   {path("cohort.csv").string(), "2 recordings", "no such recording"});
    EXPECT_FALSE(fs::exists(path("out/e.npy")));
}

TEST(BadTable, AColumnOfTheWrongTypeIsNamedWithItsLine) {
    const TemporaryFolder folder;
    const std::string model = Workshop::get().model().string();
    const fs::path table = folder.path() / "cohort.csv";
    const fs::path output = folder.path() / "out" / "e.npy";
    const auto expect = [&](const std::string& cells, const Words& message) {
        write_file(table, "record,age,sex\ngood,71,F\ngood," + cells + "\n");
        Words words = {table.string(), "line 3"};
        words.insert(words.end(), message.begin(), message.end());
        expect_refusal(run({"embed", table.string(), "--model", model, "-o", output.string()}),
                       words);
        EXPECT_FALSE(fs::exists(output.parent_path()));
    };
    expect("seventy,F", {"'age'", "'seventy'", "a number"});
    expect("70,X", {"'sex'", "'X'", "M or F"});
}

TEST(BadTable, WithoutRecordColumnSaysWhatItHas) {
    const TemporaryFolder folder;
    const fs::path table = folder.path() / "cohort.csv";
    write_file(table, "file,age\ngood,71\n");
    expect_refusal(run({"embed", table.string(), "--model", Workshop::get().model().string(), "-o",
                        (folder.path() / "e.npy").string()}),
                   {table.string(), "'record'", "file, age"});
}

void expect_model_refused(const fs::path& model, const Words& message) {
    const TemporaryFolder folder;
    const fs::path output = folder.path() / "out" / "e.npy";
    Words words = {model.string()};
    words.insert(words.end(), message.begin(), message.end());
    expect_refusal(run({"embed", Workshop::get().record().string(), "--model", model.string(), "-o",
                        output.string()}),
                   words);
    EXPECT_FALSE(fs::exists(output.parent_path()));
}

TEST(BadModel, NoModelFile) {
    const Folder folder;
    expect_model_refused(folder.path() / "none.safetensors", {});
    expect_model_refused(Workshop::get().cohort(), {"safetensors"});
}

TEST(BadModel, CutOffAnywhereIsRefused) {
    const Folder folder;
    const std::string whole = read_text_file(Workshop::get().model());
    const fs::path model = folder.path() / "cut.safetensors";
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{5}, std::size_t{1000}, whole.size() / 2, whole.size() - 1}) {
        SCOPED_TRACE(size);
        write_file(model, whole.substr(0, size));
        expect_model_refused(model, {});
    }
}

}  // namespace

}  // namespace clef::testing
