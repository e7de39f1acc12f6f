// clef dump against what the original program rdsamp prints: field by field, to the last character.
#include <algorithm>
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <string>
#include <zlib.h>

#include "base/text.hpp"
#include "commands/program.hpp"
#include "shared.hpp"

namespace clef {

using testing::expect_done;
using testing::expect_refusal;
using testing::run;
using testing::shared_folder;
using testing::TemporaryFolder;
using testing::Words;

namespace {

std::string read_target(const std::string& name) {
    const std::string path = (shared_folder() / "data/wfdb-formats/target-output" / name).string();
    const gzFile file = gzopen(path.c_str(), "rb");  // reads plain files as they are
    if (file == nullptr) return {};
    std::string text;
    char part[65536];
    for (int count = 0; (count = gzread(file, part, sizeof part)) > 0;) {
        text.append(part, static_cast<std::size_t>(count));
    }
    gzclose(file);
    return text;
}

std::string dump(const std::string& record, const Words& options = {}) {
    Words words{"dump", (shared_folder() / "data/wfdb-formats" / record).string()};
    words.insert(words.end(), options.begin(), options.end());
    const auto outcome = run(words);
    expect_done(outcome);
    return outcome.out;
}

std::size_t lines_in(const std::string& text) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

struct Target {
    const char* name;
    const char* record;
    Words options;
    std::size_t rows;
};

// A record "x" of two signals, the first with two samples per frame.
void write_record(const TemporaryFolder& folder) {
    std::ofstream(folder.path() / "x.hea")
        << "x 2 100 3\nx.dat 80x2 2/mV 8 0 0 0 0 I\nx.dat 80 4/mV 8 0 0 0 0 II\n";
    const unsigned char bytes[] = {129, 132, 130, 125, 126, 131, 0, 134, 0};
    std::ofstream(folder.path() / "x.dat", std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes), sizeof bytes);
}

}  // namespace

TEST(Dump, PrintsWhatRdsampPrints) {
    CLEF_REQUIRE_SHARED("data/wfdb-formats/target-output");
    const std::vector<Target> targets{
        {"record-1a", "test01_00s", {"--digital"}, 4000},
        {"record-1b", "a103l", {"--from", "50", "--to", "160", "--channels", "2,0"}, 27500},
        {"record-1d", "3000003_0003", {"--from", "1", "--to", "8", "--channels", "1"}, 875},
        {"record-1f.gz", "binformats", {"--digital"}, 499},
        {"record-2b",
         "100",
         {"--digital", "--from", "0.002", "--to", "30", "--channels", "1"},
         10799},
        {"record-2d", "310derive", {"--digital", "--from", "0.007"}, 1024},
        {"record-3b", "s0010_re", {"--from", "5", "--to", "38", "--channels", "13,0,4,8,3"}, 33000},
        {"record-4a", "test01_00s_skewframe", {"--digital"}, 3997},
        {"record-flac.gz", "flacformats", {"--digital"}, 499},
        {"record-multi-fixed-c",
         "multi-segment/fixed1/v102s",
         {"--from", "s70000", "--to", "s80000", "--channels", "1,0,3"},
         10000},
    };
    for (const Target& target : targets) {
        const std::string expected = read_target(target.name);
        EXPECT_EQ(lines_in(expected), target.rows) << target.name;
        const std::string printed = dump(target.record, target.options);
        const auto expected_lines = split(expected, '\n');
        const auto printed_lines = split(printed, '\n');
        ASSERT_EQ(printed_lines.size(), expected_lines.size()) << target.name;
        for (std::size_t i = 0; i < expected_lines.size(); ++i) {
            ASSERT_EQ(printed_lines[i], expected_lines[i]) << target.name << " line " << i + 1;
        }
    }
}

TEST(Dump, GapsAndAbsentSignals) {
    CLEF_REQUIRE_SHARED("data/wfdb-formats/multi-segment");
    // From the gap into the first segment, and from its end into the second: PLETH is in both.
    const std::string record = "multi-segment/p000878/p000878-2137-10-26-16-57";
    const auto rows = [&](const char* from, const char* to, const Words& more) {
        Words options{"--from", from, "--to", to};
        options.insert(options.end(), more.begin(), more.end());
        return dump(record, options);
    };
    EXPECT_EQ(rows("s3749", "s3750", {"--digital"}), " -32768\t -32768\t -32768\t -32768\n");
    EXPECT_EQ(rows("s3749", "s3750", {"--channels", "ABP"}), "              -\n");
    const std::string around = rows("s5749", "s5751", {"--digital", "--channels", "PLETH,II,V"});
    const auto lines = split(around, '\n');
    ASSERT_EQ(lines.size(), 3U);
    EXPECT_TRUE(lines[0].ends_with("\t -32768\t -32768")) << around;
    EXPECT_EQ(lines[1], "      4\t -32768\t -32768") << around;
}

TEST(Dump, AFrameIsAveragedOrSpreadOut) {
    const TemporaryFolder folder;
    write_record(folder);
    const std::string record = (folder.path() / "x").string();
    // 1 and 4 average to 2.5, -3 and -2 to -2.5: cut off towards zero. The last frame has a sample
    // missing, and so has its average.
    EXPECT_EQ(run({"dump", record, "--digital"}).out,
              "      2\t      2\n     -2\t      3\n -32768\t -32768\n");
    EXPECT_EQ(run({"dump", record}).out,
              "     1.00000000\t     0.50000000\n    -1.00000000\t     0.75000000\n"
              "              -\t              -\n");
    EXPECT_EQ(run({"dump", record, "--digital", "--high-resolution"}).out,
              "      1\t      2\n      4\t      2\n     -3\t      3\n     -2\t      3\n"
              " -32768\t -32768\n      6\t -32768\n");
    // In this view times and sample numbers are those of the fastest signal.
    EXPECT_EQ(run({"dump", record, "--high-resolution", "--from", "s1", "--to", "0.015",
                   "--digital", "--channels", "II,0"})
                  .out,
              "      2\t      4\n      3\t     -3\n");
}

TEST(Dump, TimesAreRoundedToTheNearestSample) {
    const TemporaryFolder folder;
    std::ofstream(folder.path() / "x.hea") << "x 1 10 1000\nx.dat 16 1/mV 16 0 0 0 0 I\n";
    std::ofstream dat(folder.path() / "x.dat", std::ios::binary);
    for (int i = 0; i < 1000; ++i) dat << static_cast<char>(i & 0xFF) << static_cast<char>(i >> 8);
    dat.close();
    const std::string record = (folder.path() / "x").string();
    const auto first = [&](const char* from) {
        const std::string out = run({"dump", record, "--digital", "--from", from}).out;
        return std::string(trim(out.substr(0, out.find('\n'))));
    };
    EXPECT_EQ(first("0.14"), "1");
    EXPECT_EQ(first("0.15"), "2");
    EXPECT_EQ(first("1:10.5"), "705");
    EXPECT_EQ(first("0:01:02"), "620");
    EXPECT_EQ(first("s999"), "999");
    EXPECT_EQ(lines_in(run({"dump", record, "--from", "99", "--to", "e"}).out), 10U);
    EXPECT_EQ(lines_in(run({"dump", record, "--from", "99", "--to", "500"}).out), 10U);
    for (const char* wrong : {"-1", "soon", "s-1", "s1.5", "1:2:3:4", "1e300"}) {
        expect_refusal(run({"dump", record, std::string("--from=") + wrong}),
                       {"--from", "seconds", "s70000"});
    }
    expect_refusal(run({"dump", record, "--from", "100"}), {"samples 1000", "0 to 1000"});
    expect_refusal(run({"dump", record, "--from", "3", "--to", "3"}), {"samples 30 to 30"});
}

TEST(Dump, ChannelsThatAreNotThereAreNamed) {
    const TemporaryFolder folder;
    write_record(folder);
    const std::string record = (folder.path() / "x").string();
    expect_refusal(run({"dump", record, "--channels", "2"}), {"--channels 2", "0 to 1"});
    expect_refusal(run({"dump", record, "--channels", "V6"}), {"--channels V6", "I, II"});
    expect_refusal(run({"dump", (folder.path() / "y").string()}), {"no such recording"});
}

TEST(Dump, OtherFormatsInTheirOwnUnits) {
    CLEF_REQUIRE_SHARED("data/wfdb-formats/test_generator_2.edf");
    const auto edf = (shared_folder() / "data/wfdb-formats/test_generator_2.edf").string();
    const auto outcome = run({"dump", edf, "--channels", "0,3", "--to", "s2"});
    expect_done(outcome);
    // The digital value 3276 where -32768 to 32767 are -1000 to 1000 microvolts; of a float.
    const std::string first = outcome.out.substr(0, outcome.out.find('\t'));
    EXPECT_NEAR(*parse_double(first), (3276 + 32768) * 2000.0 / 65535 - 1000, 1e-4) << outcome.out;
    EXPECT_EQ(lines_in(outcome.out), 2U);
    expect_refusal(run({"dump", edf, "--digital"}), {"--digital", "WFDB", "EDF"});
}

TEST(Dump, WhatTheFileDoesNotSayIsSaidByOptions) {
    const TemporaryFolder folder;
    std::ofstream csv(folder.path() / "x.csv");
    for (int i = 0; i < 20; ++i) csv << i << ";" << 100 - i << "\n";
    csv.close();
    const std::string path = (folder.path() / "x.csv").string();
    expect_refusal(run({"dump", path}), {"x.csv", "--fs"});
    expect_refusal(run({"dump", path, "--fs", "10"}), {"--lead-names"});
    expect_refusal(run({"dump", path, "--fs", "10", "--lead-names", "I,II"}), {"--units"});
    const auto outcome = run({"dump", path, "--fs", "10", "--units", "uV", "--lead-names", "I,II",
                              "--from", "0.5", "--to", "s6", "--channels", "II"});
    expect_done(outcome);
    EXPECT_NEAR(*parse_double(trim(outcome.out)), 95, 1e-4) << "in microvolts, as the file has it";
    expect_refusal(
        run({"dump", path, "--fs", "10", "--units", "uV", "--lead-names", "I,II", "--from", "s25"}),
        {"samples 25", "0 to 20"});
    expect_refusal(run({"dump", path, "--units", "furlong"}), {"furlong", "200/mV"});
}

TEST(Dump, AHostileHeaderCostsNothing) {
    const TemporaryFolder folder;
    std::ofstream(folder.path() / "x.hea") << "x 1 100 1000000000000000\nx.dat 16\n";
    std::ofstream(folder.path() / "x.dat") << "abcd";
    const std::string record = (folder.path() / "x").string();
    expect_refusal(run({"dump", record}), {"1000000000000000 rows", "--from"});
    expect_refusal(run({"dump", record, "--to", "s5"}), {"x.dat", "4 bytes found"});
    std::ofstream(folder.path() / "x.hea") << "x 1000000 100 10\nx.dat 16\n";
    expect_refusal(run({"dump", record}), {"number of signals", "1000000"});
    std::ofstream(folder.path() / "x.hea") << "x 1 100 10\nx.dat 16+-8\n";
    expect_refusal(run({"dump", record}), {"byte offset", "-8"});
    std::ofstream(folder.path() / "x.hea") << "x/2 1 100\ny 2\n~ 1000000000000000\n";
    std::ofstream(folder.path() / "y.hea") << "y 1 100 2\nx.dat 16 1/mV\n";
    expect_refusal(run({"dump", record}), {"1000000000000002 rows", "--from"});
    EXPECT_EQ(run({"dump", record, "--from", "s1", "--to", "s3"}).out,
              fmt::format("{:15.8f}\n{:>15}\n", 0x6463 * 1.0, "-"));
}

}  // namespace clef
