#include "formats/ecg_file.hpp"

#include <cmath>
#include <gtest/gtest.h>
#include <sstream>

#include "base/file.hpp"
#include "base/text.hpp"
#include "formats/expect_input_error.hpp"
#include "formats/npy.hpp"
#include "formats/wfdb_header.hpp"
#include "formats/wfdb_segments.hpp"
#include "shared.hpp"

namespace clef {

using testing::expect_input_error;
using testing::shared_folder;

namespace {

// Rows of numbers as the original WFDB programs print them.
std::vector<std::vector<double>> read_rows(const std::filesystem::path& path) {
    std::vector<std::vector<double>> rows;
    std::istringstream lines(read_text_file(path));
    for (std::string line; std::getline(lines, line);) {
        rows.emplace_back();
        for (const auto field : split_blanks(line)) rows.back().push_back(*parse_double(field));
    }
    return rows;
}

void expect_leads(const Recording& recording, const std::vector<std::vector<double>>& rows,
                  double tolerance) {
    ASSERT_EQ(recording.samples(), rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        ASSERT_EQ(rows[i].size(), recording.leads.size());
        for (std::size_t k = 0; k < rows[i].size(); ++k) {
            ASSERT_NEAR(recording.leads[k].samples[i], rows[i][k], tolerance) << i << " " << k;
        }
    }
}

void expect_digital(const std::filesystem::path& header_path, std::vector<std::size_t> signals,
                    std::uint64_t from, const std::vector<std::vector<double>>& rows) {
    const WfdbHeader header = read_wfdb_header(header_path);
    const auto digital = read_wfdb_digital(header, signals, from, from + rows.size());
    for (std::size_t k = 0; k < signals.size(); ++k) {
        ASSERT_EQ(digital[k].size(), rows.size());
        for (std::size_t i = 0; i < rows.size(); ++i) {
            ASSERT_EQ(digital[k][i], rows[i][k]) << i << " " << k;
        }
    }
}

}  // namespace

TEST(EcgFile, MitdbFormat212InMillivolts) {
    CLEF_REQUIRE_SHARED("data/mitdb");
    const Recording recording = read_ecg(shared_folder() / "data/mitdb/100");
    EXPECT_EQ(recording.sampling_rate, 360);
    EXPECT_EQ(recording.samples(), 650000U);
    ASSERT_EQ(recording.leads.size(), 2U);
    EXPECT_EQ(recording.leads[0].name, "MLII");
    EXPECT_EQ(recording.comments,
              (std::vector<std::string>{"69 M 1085 1629 x1", "Aldomet, Inderal"}));
    const NpyArray golden =
        read_npy(shared_folder() / "goldens/preprocess/mitdb100_MLII_first10s_mV.npy");
    for (std::size_t i = 0; i < golden.values.size(); ++i) {
        ASSERT_NEAR(recording.leads[0].samples[i], golden.values[i], 1e-6) << i;
    }
}

TEST(EcgFile, PtbxlByAnyNameOfTheRecordAndAnyAliasOfALead) {
    CLEF_REQUIRE_SHARED("data/ptbxl");
    const auto record = shared_folder() / "data/ptbxl/records500/00000/00001_hr";
    for (const char* suffix : {"", ".hea", ".dat"}) {
        const Recording recording = read_ecg(record.string() + suffix, {.leads = {"v6", "LEAD I"}});
        ASSERT_EQ(recording.leads.size(), 2U);
        EXPECT_EQ(recording.leads[0].name, "V6");
        EXPECT_FLOAT_EQ(recording.leads[0].samples[0], -0.075F);
        EXPECT_FLOAT_EQ(recording.leads[1].samples[0], -0.115F);
        EXPECT_TRUE(recording.leads[0].in_millivolts);
    }
    const RecordingInfo info = read_ecg_info(record);
    EXPECT_EQ(info.format, "WFDB");
    EXPECT_EQ(info.samples, 5000U);
    EXPECT_EQ(info.leads[3], "aVR");
    EXPECT_EQ(info.units[3], "mV");
    expect_input_error([&] { read_ecg(record, {.leads = {"X"}}); },
                       {"00001_hr", "no lead X", "aVR, aVL, aVF, V1"});
}

TEST(EcgFile, PtbxlChecksumsAndInitialValuesAgreeWithTheHeaders) {
    CLEF_REQUIRE_SHARED("data/ptbxl/records500");
    int records = 0;
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(shared_folder() / "data/ptbxl/records500")) {
        if (entry.path().extension() != ".hea") continue;
        const WfdbHeader header = read_wfdb_header(entry.path());
        const std::vector<std::size_t> all{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
        const auto digital = read_wfdb_digital(header, all, 0, 5000);
        for (const std::size_t k : all) {
            std::int64_t sum = 0;
            for (const std::int32_t sample : digital[k]) sum += sample;
            EXPECT_EQ(static_cast<std::uint16_t>(sum & 0xFFFF), header.signals[k].checksum)
                << entry.path() << " " << k;
            EXPECT_EQ(digital[k][0], header.signals[k].initial_value) << entry.path();
        }
        ++records;
    }
    EXPECT_EQ(records, 500);
}

TEST(EcgFile, NormalisedExcerptsAreNotMillivolts) {
    CLEF_REQUIRE_SHARED("data/ptbxl-ext");
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(shared_folder() / "data/ptbxl-ext")) {
        if (entry.path().extension() != ".hea") continue;
        const Recording recording = read_ecg(entry.path());
        EXPECT_FALSE(recording.leads[0].in_millivolts);
        EXPECT_EQ(recording.leads[0].unit, "NU");
        break;
    }
}

TEST(EcgFile, MatlabLevel4UnderAWfdbHeader) {
    CLEF_REQUIRE_SHARED("data/cpsc2018");
    const Recording hand = read_ecg(shared_folder() / "data/cinc2017/training/A00002.mat");
    EXPECT_EQ(hand.samples(), 9000U);
    EXPECT_EQ(hand.leads[0].name, "ECG");
    EXPECT_FLOAT_EQ(hand.leads[0].samples[0], 0.128F);
    EXPECT_FLOAT_EQ(hand.leads[0].samples[1], 0.157F);
    const Recording clinic = read_ecg(shared_folder() / "data/cpsc2018/A0001");
    ASSERT_EQ(clinic.leads.size(), 12U);
    EXPECT_EQ(clinic.samples(), 7500U);
    EXPECT_FLOAT_EQ(clinic.leads[6].samples[0], -0.29F);
}

TEST(EcgFile, AsTheOriginalProgramsPrint) {
    CLEF_REQUIRE_SHARED("data/wfdb-formats");
    const auto records = shared_folder() / "data/wfdb-formats";
    const auto printed = records / "target-output";
    expect_digital(records / "test01_00s.hea", {0, 1, 2, 3}, 0, read_rows(printed / "record-1a"));
    expect_digital(records / "100.hea", {1}, 1, read_rows(printed / "record-2b"));
    // Physical values are printed with 8 decimals; ours are float32.
    expect_leads(
        read_ecg(records / "a103l", {.leads = {"PLETH", "II"}, .from = 12500, .to = 40000}),
        read_rows(printed / "record-1b"), 1e-6);
    expect_leads(read_ecg(records / "s0010_re",
                          {.leads = {"vy", "i", "avl", "v3", "avr"}, .from = 5000, .to = 38000}),
                 read_rows(printed / "record-3b"), 1e-6);
}

TEST(EcgFile, LengthFromTheFileWhereTheHeaderHasNone) {
    CLEF_REQUIRE_SHARED("data/wfdb-formats");
    const auto records = shared_folder() / "data/wfdb-formats";
    for (const std::string name : {"100", "a103l"}) {
        const Recording whole = read_ecg(records / name);
        const Recording without = read_ecg(records / (name + "-no-len"));
        ASSERT_EQ(whole.samples(), without.samples());
        EXPECT_EQ(whole.leads[1].samples, without.leads[1].samples);
    }
}

TEST(EcgFile, WhatIsNotARecordingIsDescribed) {
    const testing::TemporaryFolder folder;
    write_file(folder.path() / "x.zip", "PK\x03\x04 and so on");
    expect_input_error([&] { read_ecg(folder.path() / "x.zip"); }, {"x.zip", "ZIP", "WFDB"});
    expect_input_error([&] { read_ecg(folder.path()); }, {"a folder"});
    expect_input_error([&] { read_ecg(folder.path() / "none"); },
                       {"no such recording", "none.hea"});
    expect_input_error([&] { read_ecg(folder.path() / "none.hea"); }, {"no such file"});
}

}  // namespace clef
