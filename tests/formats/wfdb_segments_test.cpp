#include "formats/wfdb_segments.hpp"

#include <cmath>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <map>
#include <optional>

#include "base/csv.hpp"
#include "base/text.hpp"
#include "formats/ecg_reader.hpp"
#include "formats/wfdb_record.hpp"

namespace clef {

using testing::bytes_of;
using testing::expect_input_error;
using testing::shared_folder;
using testing::TestRecord;

namespace {

constexpr float none = -999;  // stands for NaN, which equals nothing

std::vector<float> marked(std::vector<float> samples) {
    for (float& sample : samples) {
        if (std::isnan(sample)) sample = none;
    }
    return samples;
}

}  // namespace

TEST(WfdbSegments, FixedLayoutWithAGap) {
    TestRecord record("x/3 2 100 7\na 2\n~ 3\nb 2\n");
    record.with("a.hea", "a 2 100 2\na.dat 80 1/mV 8 0 1 4 0 I\na.dat 80 1/mV 8 0 2 6 0 II\n")
        .with("b.hea", "b 2 100 2\nb.dat 80 2/mV 8 0 5 12 0 I\nb.dat 80 2/mV 8 0 6 14 0 II\n")
        .with("a.dat", bytes_of({129, 130, 131, 132}))
        .with("b.dat", bytes_of({133, 134, 135, 136}));
    const RecordingInfo info = read_ecg_info(record.header_path());
    EXPECT_EQ(info.samples, 7U);
    EXPECT_EQ(info.leads, (std::vector<std::string>{"I", "II"}));
    const Recording whole = record.read();
    // Each segment's own gain holds.
    EXPECT_EQ(marked(whole.leads[0].samples),
              (std::vector<float>{1, 3, none, none, none, 2.5, 3.5}));
    EXPECT_EQ(marked(whole.leads[1].samples), (std::vector<float>{2, 4, none, none, none, 3, 4}));
    for (std::uint64_t from = 0; from < 7; ++from) {
        for (std::uint64_t to = from + 1; to <= 7; ++to) {
            const Recording part = record.read({.leads = {"II"}, .from = from, .to = to});
            const auto begin = whole.leads[1].samples.begin();
            EXPECT_EQ(marked(part.leads[0].samples),
                      marked({begin + static_cast<std::ptrdiff_t>(from),
                              begin + static_cast<std::ptrdiff_t>(to)}));
        }
    }
}

TEST(WfdbSegments, VariableLayoutFindsSignalsByName) {
    TestRecord record("x/4 3 100 5\nlayout 0\na 2\nb 1\nc 2\n");
    record
        .with("layout.hea",
              "layout 3 100 0\n~ 0 10/mV 8 0 0 0 0 I\n~ 0 10/mV 8 0 0 0 0 V\n"
              "~ 0 10/mV 8 0 0 0 0 V\n")
        .with("a.hea", "a 2 100 2\na.dat 80 1/mV 8 0 0 4 0 V\na.dat 80 1/mV 8 0 0 6 0 I\n")
        .with("b.hea",
              "b 3 100 1\nb.dat 80 1/mV 8 0 0 5 0 V\nb.dat 80 1/mV 8 0 0 9 0 X\n"
              "b.dat 80 1/mV 8 0 0 6 0 V\n")
        .with("c.hea", "c 1 100 2\nc.dat 80 1000/uV 8 0 0 0 0 I\n")
        .with("a.dat", bytes_of({129, 130, 131, 132}))
        .with("b.dat", bytes_of({133, 137, 134}))
        .with("c.dat", bytes_of({138, 118}));
    const Recording read = record.read();
    ASSERT_EQ(read.leads.size(), 3U);
    EXPECT_EQ(marked(read.leads[0].samples), (std::vector<float>{2, 4, none, 1e-5F, -1e-5F}));
    EXPECT_EQ(marked(read.leads[1].samples), (std::vector<float>{1, 3, 5, none, none}));
    // Of two signals of one name the second is the segment's second.
    EXPECT_EQ(marked(read.leads[2].samples), (std::vector<float>{none, none, 6, none, none}));
}

TEST(WfdbSegments, ASegmentMayConsistOfSegments) {
    TestRecord record("x/2 1 100 5\ny 3\na 2\n");
    record.with("y.hea", "y/2 1 100 3\na 2\n~ 1\n")
        .with("a.hea", "a 1 100 2\na.dat 80 1/mV 8 0 1 4 0 I\n")
        .with("a.dat", bytes_of({129, 131}));
    EXPECT_EQ(marked(record.read().leads[0].samples), (std::vector<float>{1, 3, none, 1, 3}));
}

TEST(WfdbSegments, ARecordWithinItselfIsRefused) {
    TestRecord("x/2 1 100 5\nx 3\nx 2\n").fails({"line 2", "'x'", "segment of itself"});
    TestRecord("x/1 1 100 5\ny 5\n")
        .with("y.hea", "y/1 1 100 5\nx 5\n")
        .fails({"y.hea", "'x'", "segment of itself"});
    TestRecord deep("x/1 1 100 5\ns0 5\n");
    for (int i = 0; i < 20; ++i) {
        deep.with(fmt::format("s{}.hea", i), fmt::format("s{}/1 1 100 5\ns{} 5\n", i, i + 1));
    }
    deep.fails({"more than 8 deep"});
}

TEST(WfdbSegments, ChecksumsAreThoseOfTheSegments) {
    TestRecord record("x/2 1 100 4\na 2\na 2\n");
    record.with("a.hea", "a 1 100 2\na.dat 80 1/mV 8 0 1 5 0 I\n")
        .with("a.dat", bytes_of({129, 131}));
    ::testing::internal::CaptureStderr();
    record.read({.from = 1, .to = 3});
    EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
    ::testing::internal::CaptureStderr();
    record.read({.from = 1});
    const std::string said = ::testing::internal::GetCapturedStderr();
    EXPECT_NE(said.find("a.hea: checksum mismatch in I (found 4, header says 5)"),
              std::string::npos)
        << said;
}

TEST(WfdbSegments, ChecksumsAreToldForEachSignal) {
    TestRecord record("x/4 3 100 7\nlayout 0\na 2\n~ 3\nb 2\n");
    record
        .with("layout.hea",
              "layout 3 100 0\n~ 0 10/mV 8 0 0 0 0 I\n~ 0 10/mV 8 0 0 0 0 II\n"
              "~ 0 10/mV 8 0 0 0 0 V1\n")
        .with("a.hea", "a 2 100 2\na.dat 80 1/mV 8 0 0 4 0 I\na.dat 80 1/mV 8 0 0 6 0 II\n")
        .with("b.hea", "b 2 100 2\nb.dat 80 1/mV 8 0 0 7 0 II\nb.dat 80 1/mV 8 0 0 0 0 I\n")
        .with("a.dat", bytes_of({129, 130, 131, 132}))
        .with("b.dat", bytes_of({129, 128, 131, 128}));
    ::testing::internal::CaptureStderr();
    const auto checksums = open_ecg(record.header_path())->checksums();
    EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
    // I is right in both segments, II in the first only, V1 has no samples.
    EXPECT_EQ(checksums, (std::vector{Checksum::ok, Checksum::mismatch, Checksum::none}));
}

TEST(WfdbSegments, ChecksumsOfAHostileHeaderCostNothing) {
    TestRecord gap("x 2 100 1000000000000000\n~ 0 1/mV 8 0 0 5 0 I\nx.dat 80 1/mV 8 0 0 5 0 II\n");
    gap.with("x.dat", bytes_of({1, 2}));
    expect_input_error([&] { open_ecg(gap.header_path())->checksums(); }, {"x.dat", "2 bytes"});
    TestRecord none("x 1 100\nx.dat 80 1/mV 8 0 0 5 0 I\n");
    none.with("x.dat", bytes_of({129, 132}));
    EXPECT_EQ(open_ecg(none.header_path())->checksums(), std::vector{Checksum::none})
        << "a header without a length";
}

TEST(WfdbSegments, WhatDoesNotFitTogetherIsNamed) {
    const std::string a = "a 1 100 2\na.dat 80 1/mV 8 0 1 4 0 I\n";
    const auto fails = [&](const std::string& header, const std::string& segment,
                           std::initializer_list<std::string> words) {
        TestRecord record(header);
        record.with("a.hea", a).with("a.dat", bytes_of({129, 131})).with("b.hea", segment);
        record.with("b.dat", bytes_of({129, 131, 129, 131}));
        record.fails(words);
    };
    fails("x/2 1 100 4\na 2\nmissing 2\n", a, {"line 3", "'missing'", "missing.hea is missing"});
    fails("x/2 1 100 4\na 2\n../b 2\n", a, {"line 3", "own folder"});
    fails("x/2 1 100 9\na 2\nb 2\n", a, {"says 9 samples", "add up to 4"});
    fails("x/2 2 100 4\na 2\nb 2\n", a, {"says 2 signals", "has 1"});
    fails("x/2 1 100 5\na 2\nb 3\n", "b 1 100 2\nb.dat 80 1 8 0 0 0 0 I\n",
          {"'b'", "3 samples expected", "has 2"});
    fails("x/2 1 100 4\na 2\nb 2\n", "b 1 200 2\nb.dat 80 1 8 0 0 0 0 I\n",
          {"'b'", "200 Hz", "100 Hz"});
    fails("x/2 1 100 4\na 2\nb 2\n", "b 2 100 2\nb.dat 80\nb.dat 80\n", {"'b'", "2 signals"});
    fails("x/2 1 100 4\na 2\nb 2\n", "b 1 100 2\nb.dat 80x2 1 8 0 0 0 0 I\n",
          {"'b'", "'I'", "2 samples per frame"});
    fails("x/2 1 100 4\na 2\nb 2\n", "b 1 100 2\nb.dat 80 1/mmHg 8 0 0 0 0 I\n",
          {"'b'", "'mmHg'", "'mV'"});
    fails("x/1 1 100 4\n~ 4\n", a, {"all segments are gaps"});
    fails("x/3 1 100\na 2\n~ 9007199254740992\nb 2\n", a, {"more than 2^53 samples"});
}

TEST(WfdbSegments, HugeGapsCostNothing) {
    TestRecord record("x/2 1 100 1000000000000002\na 2\n~ 1000000000000000\n");
    record.with("a.hea", "a 1 100 2\na.dat 80 1/mV 8 0 1 4 0 I\n")
        .with("a.dat", bytes_of({129, 131}));
    EXPECT_EQ(read_ecg_info(record.header_path()).samples, 1000000000000002U);
    record.fails({"1e+15 samples", "--from"});
    EXPECT_EQ(marked(record.read({.from = 1, .to = 4}).leads[0].samples),
              (std::vector<float>{3, none, none}));
    EXPECT_EQ(marked(record.read({.from = 1000000000000000}).leads[0].samples),
              (std::vector<float>{none, none}));
}

// Every header in the tree of shared records. Those whose files are absent, by what is said of
// them.
TEST(WfdbSegments, EveryRecordThereIsCanBeRead) {
    CLEF_REQUIRE_SHARED("data/wfdb-formats");
    const std::map<std::string, std::string> incomplete{
        {"1003", "1003.dat"},
        {"12726", "12726.dat"},
        {"drive02", "drive02.dat"},
        {"drive02-no-len", "drive02.dat"},
        {"n16", "n16.dat"},
        {"n8_evoked_raw_95_F1_R9", "n8_evoked_raw_95_F1_R9.dat"},
        {"test_generator_2", "test_generator_2.dat"},
        {"wave_4", "wave_4.dat"},
        {"3975656_0009", "3975656_0009.dat"},
        {"3975656_0010", "3975656_0010.dat"},
        {"3975656_0011", "3975656_0011.dat"},
        // Its lead II is not in segment 9.
        {"s00001-2896-10-10-00-31", "3975656_0010.dat"},
        {"p000878-2137-10-26-16-57", "3269321_0003.hea is missing"},
        {"3248903_layout", "layout"},
        {"3269321_layout", "layout"},
        {"3975656_layout", "layout"},
        {"3234460_layout", "layout"},
    };
    std::size_t read = 0;
    std::size_t refused = 0;
    ::testing::internal::CaptureStderr();
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(shared_folder() / "data")) {
        if (entry.path().extension() != ".hea") continue;
        const auto known = incomplete.find(entry.path().stem().string());
        const auto read_all = [&] {
            const auto reader = open_ecg(entry.path());
            for (std::size_t i = 0; i < reader->info().signals.size(); ++i) {
                const std::size_t one[] = {i};
                const std::uint64_t samples = reader->info().signals[i].samples;
                EXPECT_EQ(reader->read(one, 0, samples)[0].samples.size(), samples);
            }
        };
        if (known == incomplete.end()) {
            EXPECT_NO_THROW(read_all()) << entry.path();
            ++read;
        } else {
            expect_input_error(read_all, {known->second});
            ++refused;
        }
    }
    const std::string said = ::testing::internal::GetCapturedStderr();
    EXPECT_EQ(refused, incomplete.size());
    EXPECT_GT(read, 5000U);
    RecordProperty("read", static_cast<int>(read));
    RecordProperty("said", said);
}

// tests/data/formats/wfdb_records.csv says which program computed these and how.
TEST(WfdbSegments, ValuesAgreeWithThePythonPackage) {
    CLEF_REQUIRE_SHARED("data/wfdb-formats");
    const CsvTable table = read_csv(std::string(CLEF_TEST_DATA) + "/formats/wfdb_records.csv");
    std::string opened;
    std::unique_ptr<const WfdbRecord> record;
    ::testing::internal::CaptureStderr();
    for (const auto& row : table.rows) {
        if (row[0] != opened) {
            record = std::make_unique<WfdbRecord>(shared_folder() / "data" / (row[0] + ".hea"));
            opened = row[0];
        }
        const std::size_t chosen[] = {static_cast<std::size_t>(*parse_integer(row[1]))};
        const double samples = *parse_double(row[2]);
        double count = 0;
        double missing = 0;
        double sum = 0;
        double moment = 0;
        double size = 0;  // of the numbers added up: what their rounding is relative to
        record->cursor(chosen, 0)->next(
            record->frames(),
            [&](std::size_t, const WfdbSignal& signal, std::span<const std::int32_t> digital) {
                for (const std::int32_t sample : digital) {
                    count += 1;
                    if (sample == wfdb_missing) {
                        missing += 1;
                        continue;
                    }
                    const double value =
                        (sample - static_cast<double>(signal.baseline)) / signal.gain;
                    sum += value;
                    size += std::abs(value);
                    moment += value * count / samples;
                }
            });
        const std::string what = row[0] + " " + row[1];
        EXPECT_EQ(count, samples) << what;
        EXPECT_EQ(missing, *parse_double(row[3])) << what;
        EXPECT_NEAR(sum, *parse_double(row[4]), 1e-8 * size) << what;
        EXPECT_NEAR(moment, *parse_double(row[5]), 1e-8 * size) << what;
    }
    ::testing::internal::GetCapturedStderr();
    EXPECT_EQ(table.rows.size(), 265U);
}

TEST(WfdbSegments, ChecksumsOfTheSharedRecordsHold) {
    CLEF_REQUIRE_SHARED("data/wfdb-formats");
    const auto records = shared_folder() / "data/wfdb-formats";
    for (const std::string name :
         {"binformats", "flacformats", "mixedsignals", "flac_3_constant", "03700181", "100_3chan",
          "310derive", "310derive_2", "310derive_3", "311derive", "311derive_2", "311derive_3",
          "311derive_4", "p10143", "test01_00s_skewframe", "multi-segment/041s/041s",
          "multi-segment/fixed1/v102s", "multi-segment/s25047/s25047-2704-05-04-10-44"}) {
        const WfdbRecord record(records / (name + ".hea"));
        std::vector<std::size_t> all(record.signals().size());
        for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
        ::testing::internal::CaptureStderr();
        record.cursor(all, 0)->next(
            record.frames(), [](std::size_t, const WfdbSignal&, std::span<const std::int32_t>) {});
        EXPECT_EQ(::testing::internal::GetCapturedStderr(), "") << name;
        const auto checksums = record.checksums();
        ASSERT_EQ(checksums.size(), all.size()) << name;
        for (const Checksum checksum : checksums) EXPECT_EQ(checksum, Checksum::ok) << name;
    }
}

// An EDF file is a preamble and frames of 16-bit samples: a WFDB header can say so.
TEST(WfdbSegments, EdfBehindAWfdbHeader) {
    CLEF_REQUIRE_SHARED("data/wfdb-formats/test_generator_2.edf");
    const auto folder = shared_folder() / "data/wfdb-formats";
    WfdbHeader header = read_wfdb_header(folder / "test_generator_2.hea");
    std::vector<std::size_t> all;
    for (WfdbSignal& signal : header.signals) {
        signal.file = "test_generator_2.edf";
        signal.byte_offset = 256 * 13;
        all.push_back(all.size());
    }
    ::testing::internal::CaptureStderr();
    const auto digital = read_wfdb_digital(header, all, 0, 600);
    EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");  // the header's checksums hold
    EXPECT_EQ(digital[0].size(), 600U * 200);
    EXPECT_EQ(digital[11].size(), 600U * 51);
    for (const std::size_t i : all) EXPECT_EQ(digital[i][0], header.signals[i].initial_value);
}

}  // namespace clef
