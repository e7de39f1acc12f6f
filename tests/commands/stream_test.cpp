// clef stream: the rows of clef embed while they come in.
#include <cmath>
#include <fstream>

#include "base/csv.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "commands/workshop.hpp"
#include "formats/ecg_file.hpp"
#include "formats/wfdb_writer.hpp"
#include "shared.hpp"

namespace clef::testing {

namespace {

namespace fs = std::filesystem;

struct Row {
    std::string start;
    std::string quality;
    std::string reason;
    std::vector<float> embedding;
};

std::vector<Row> rows_of(const Outcome& outcome) {
    std::vector<Row> rows;
    const auto lines = split(outcome.out, '\n');
    EXPECT_TRUE(lines.front().starts_with("start_s,duration_s,missing,flat,quality,reason,e0,"));
    for (std::size_t i = 1; i + 1 < lines.size(); ++i) {
        const auto cells = split(lines[i], ',');
        Row row{std::string(cells[0]), std::string(cells[4]), std::string(cells[5]), {}};
        for (std::size_t d = 6; d < cells.size() && !cells[d].empty(); ++d) {
            row.embedding.push_back(static_cast<float>(parse_double(cells[d]).value()));
        }
        rows.push_back(std::move(row));
    }
    return rows;
}

// The program with a file as its standard input.
Outcome run_with_input(const fs::path& input, const Words& arguments) {
    std::string command = CLEF_PROGRAM;
    for (const std::string& word : arguments) command += " '" + word + "'";
    const Folder streams;
    const fs::path out = streams.path() / "out";
    const fs::path err = streams.path() / "err";
    command += " <'" + input.string() + "' >'" + out.string() + "' 2>'" + err.string() + "'";
    const int status = std::system(command.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read_text_file(out), read_text_file(err)};
}

// A simulated recording three times over, the second time not to its end.
class StreamCommand : public ::testing::Test {
  protected:
    void SetUp() override {
        recording_ = read_ecg(Workshop::get().record());
        for (Lead& lead : recording_.leads) {
            const auto once = lead.samples;
            lead.samples.insert(lead.samples.end(), once.begin(), once.end() - 700);
            lead.samples.insert(lead.samples.end(), once.begin(), once.end());
        }
        write_wfdb(record(), recording_);
        recording_ = read_ecg(record());
    }
    std::string record() const { return (folder_.path() / "long").string(); }
    std::string model() const { return Workshop::get().model().string(); }
    std::vector<float> embedded() const {
        const std::string output = (folder_.path() / "e.npy").string();
        expect_done(run({"embed", record(), "--model", model(), "-o", output}));
        return read_npy(output).values;
    }
    // A lead as text, a line per sample, in microvolts.
    fs::path text(const std::string& name = "I") const {
        const fs::path path = folder_.path() / "lead.txt";
        std::ofstream file(path);
        for (const float sample : recording_.lead(name).samples) {
            if (std::isnan(sample)) {
                file << "\n";
            } else {
                file << fmt::format("{}\n", static_cast<double>(sample) * 1000);
            }
        }
        return path;
    }

    TemporaryFolder folder_;
    Recording recording_;
};

TEST_F(StreamCommand, ARecordingGivesTheRowsOfEmbed) {
    const auto rows = rows_of(run({"stream", record(), "--model", model()}));
    const auto expected = embedded();
    const CsvTable table = read_csv(folder_.path() / "e.csv");
    ASSERT_EQ(rows.size() * 256, expected.size());
    ASSERT_GE(rows.size(), 2U);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        EXPECT_EQ(rows[i].embedding,
                  std::vector<float>(expected.begin() + static_cast<long>(i * 256),
                                     expected.begin() + static_cast<long>(i * 256 + 256)));
        EXPECT_EQ(rows[i].start, table.rows[i][table.require("start_s")]);
    }
}

TEST_F(StreamCommand, StandardInputGivesTheSameRows) {
    const auto expected = rows_of(run({"stream", record(), "--model", model(), "--hop", "2.5"}));
    const std::string rate = fmt::format("{}", recording_.sampling_rate);
    const Words words = {"stream", "-",       "--model", model(), "--fs",
                         rate,     "--units", "uV",      "--hop", "2.5"};
    const auto rows = rows_of(run_with_input(text(), words));
    ASSERT_EQ(rows.size(), expected.size());
    ASSERT_GE(rows.size(), 4U);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        EXPECT_EQ(rows[i].start, expected[i].start);
        EXPECT_EQ(rows[i].embedding, expected[i].embedding);
    }
}

TEST_F(StreamCommand, ColumnsAreChosenByName) {
    const fs::path path = folder_.path() / "two.csv";
    std::ofstream file(path);
    const auto& first = recording_.lead("II").samples;
    const auto& second = recording_.lead("I").samples;
    for (std::size_t i = 0; i < first.size(); ++i) {
        file << fmt::format("{},{}\n", first[i], second[i]);
    }
    file.close();
    const std::string rate = fmt::format("{}", recording_.sampling_rate);
    const auto rows =
        rows_of(run_with_input(path, {"stream", "-", "--model", model(), "--fs", rate, "--units",
                                      "mV", "--lead-names", "II,I", "--lead", "I"}));
    const auto expected = rows_of(run({"stream", record(), "--model", model()}));
    ASSERT_EQ(rows.size(), expected.size());
    EXPECT_EQ(rows.front().embedding, expected.front().embedding);
    expect_refusal(run_with_input(path, {"stream", "-", "--model", model(), "--fs", rate, "--units",
                                         "mV", "--lead-names", "II,I", "--lead", "V1"}),
                   {"V1", "II I"});
}

TEST_F(StreamCommand, JsonHasAnObjectPerLine) {
    const Outcome outcome = run({"stream", record(), "--model", model(), "--json", "--filter",
                                 "causal", "--min-quality", "1"});
    expect_done(outcome);
    const auto lines = split(outcome.out, '\n');
    ASSERT_GE(lines.size(), 3U);
    for (std::size_t i = 0; i + 1 < lines.size(); ++i) {
        const auto line = nlohmann::json::parse(lines[i]);
        EXPECT_EQ(line.at("duration_s"), 10);
        EXPECT_TRUE(line.at("embedding").is_null());  // nothing is that good
        EXPECT_NE(line.at("reason").get<std::string>().find("below 1"), std::string::npos);
    }
    expect_words(outcome.err, {"0 windows embedded"});
}

TEST_F(StreamCommand, InterruptedItEndsWell) {
    Program program({"stream", record(), "--model", model(), "--real-time"});
    std::this_thread::sleep_for(std::chrono::milliseconds(700));
    program.send(SIGINT);
    const Outcome outcome = program.wait();
    expect_done(outcome);
    expect_words(outcome.err, {"stopped when asked"});
    EXPECT_EQ(rows_of(outcome).size(), 0U);
}

TEST_F(StreamCommand, SaysWhatIsWrongWithItsInput) {
    const fs::path path = folder_.path() / "bad.txt";
    std::ofstream(path) << "1\n\nnan\n-\n2,5\n";
    const Words known = {"stream", "-", "--model", model(), "--fs", "130", "--units", "mV"};
    const auto refused = [](const Outcome& outcome, const Words& words) {
        EXPECT_EQ(outcome.code, 2) << outcome.err;
        expect_words(outcome.err, words);
    };
    refused(run_with_input(path, known), {"line 5", "2 columns", "expected 1"});
    std::ofstream(path) << "1\nbeat\n";
    refused(run_with_input(path, known), {"line 2", "'beat'"});
    std::ofstream(path) << std::string(100'000, '1');
    refused(run_with_input(path, known), {"line 1", "longer"});
    refused(run({"stream", "-", "--model", model(), "--units", "mV"}), {"--fs"});
    refused(run({"stream", "-", "--model", model(), "--fs", "130"}), {"--units"});
    refused(run({"stream", record(), "--model", model(), "--filter", "both"}), {"zero-phase"});
}

}  // namespace

}  // namespace clef::testing
