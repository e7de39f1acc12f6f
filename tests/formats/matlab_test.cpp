#include <cmath>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "formats/ecg_file.hpp"
#include "formats/expect_input_error.hpp"
#include "formats/matlab_file.hpp"
#include "shared.hpp"

namespace clef {

using testing::expect_input_error;
using testing::shared_folder;
using testing::TemporaryFolder;

namespace {

std::filesystem::path data(const char* name) {
    return std::filesystem::path(CLEF_TEST_DATA) / "formats" / name;
}

// The matrix `key` of matlab.json, which make_matlab.py wrote: [[…], […], …].
std::vector<std::vector<double>> matrix(const std::string& key) {
    std::string text = read_text_file(data("matlab.json"));
    text = text.substr(text.find("\"" + key + "\""));
    text = text.substr(text.find("[[") + 2);
    text = text.substr(0, text.find("]]"));
    std::vector<std::vector<double>> rows(1);
    std::string number;
    for (const char c : text + ",") {
        if (c == '[') rows.emplace_back();
        if (c == ',' || c == ']') {
            if (const auto value = parse_double(number)) rows.back().push_back(*value);
            number.clear();
        } else if (c != '[') {
            number += c;
        }
    }
    return rows;
}

ReadOptions options_for(std::vector<std::string> names, const char* units) {
    ReadOptions options;
    options.sampling_rate = 500;
    options.units = units;
    options.lead_names = std::move(names);
    return options;
}

}  // namespace

TEST(Matlab, LevelsFourFiveAndSevenHoldTheSameMatrix) {
    const auto expected = matrix("wide");
    ASSERT_EQ(expected.size(), 2U);
    for (const char* name : {"level4.mat", "level5_compressed.mat", "level73.mat"}) {
        const Recording recording = read_ecg(data(name), options_for({"I", "II"}, "1000/mV"));
        ASSERT_EQ(recording.leads.size(), 2U) << name;
        ASSERT_EQ(recording.samples(), 40U) << name;
        for (std::size_t lead = 0; lead < 2; ++lead) {
            for (std::size_t i = 0; i < 40; ++i) {
                ASSERT_FLOAT_EQ(recording.leads[lead].samples[i],
                                static_cast<float>(expected[lead][i] / 1000))
                    << name;
            }
        }
        ReadOptions part = options_for({"I", "II"}, "1000/mV");
        part.leads = {"II"};
        part.from = 7;
        part.to = 19;
        const Recording some = read_ecg(data(name), part);
        EXPECT_EQ(some.leads[0].samples,
                  std::vector<float>(recording.leads[1].samples.begin() + 7,
                                     recording.leads[1].samples.begin() + 19))
            << name;
    }
}

TEST(Matlab, SamplesTimesLeadsWithRateAndUnitInVariables) {
    const auto expected = matrix("tall");
    ReadOptions names;
    names.lead_names = {"V1", "V2", "V3"};
    const RecordingInfo info = read_ecg_info(data("level5.mat"), names);
    EXPECT_EQ(info.format, "MATLAB");
    EXPECT_EQ(info.sampling_rate, 250);
    EXPECT_EQ(info.comments, (std::vector<std::string>{"variable ecg, 40 × 3: leads are columns",
                                                       "sampling rate from variable Fs",
                                                       "unit from variable units"}));
    const Recording recording = read_ecg(data("level5.mat"), names);
    for (std::size_t i = 0; i < 40; ++i) {
        for (std::size_t lead = 0; lead < 3; ++lead) {
            ASSERT_FLOAT_EQ(recording.leads[lead].samples[i],
                            static_cast<float>(expected[i][lead]));
        }
    }
    expect_input_error([&] { read_ecg(data("level5.mat")); }, {"level5.mat", "--lead-names"});
    names.sampling_rate = 500;
    expect_input_error([&] { read_ecg(data("level5.mat"), names); }, {"250 Hz", "--fs"});
}

TEST(Matlab, AMatrixInAStructure) {
    const auto expected = matrix("tall");
    const Recording recording =
        read_ecg(data("level5_struct.mat"), options_for({"I", "II", "III"}, "mV"));
    for (std::size_t i = 0; i < 40; ++i) {
        ASSERT_FLOAT_EQ(recording.leads[2].samples[i], static_cast<float>(expected[i][2]));
    }
}

TEST(Matlab, OfSeveralMatricesOneMustBeNamed) {
    expect_input_error([&] { read_ecg(data("several.mat")); },
                       {"first (2 × 40), second (40 × 3)", "--variable"});
    ReadOptions options = options_for({"V1", "V2", "V3"}, "mV");
    options.variable = "second";
    EXPECT_EQ(read_ecg(data("several.mat"), options).leads.size(), 3U);
    options.variable = "third";
    expect_input_error([&] { read_ecg(data("several.mat"), options); },
                       {"called third", "first (2 × 40)"});
}

TEST(Matlab, WhatTheFileDoesNotSayIsAsked) {
    ReadOptions options;
    expect_input_error([&] { read_ecg(data("level4.mat"), options); }, {"level4.mat", "--fs"});
    options.sampling_rate = 500;
    expect_input_error([&] { read_ecg(data("level4.mat"), options); }, {"--lead-names"});
    options.lead_names = {"I", "II"};
    expect_input_error([&] { read_ecg(data("level4.mat"), options); }, {"--units", "200/mV"});
}

TEST(Matlab, DamagedFilesAreErrorsNotCrashes) {
    const TemporaryFolder folder;
    const auto path = folder.path() / "x.mat";
    const auto options = options_for({"I", "II"}, "mV");
    for (const char* name : {"level4.mat", "level5_compressed.mat", "level73.mat"}) {
        const std::string good = read_text_file(data(name));
        for (std::size_t length = 150; length < good.size(); length += good.size() / 6) {
            write_file(path, good.substr(0, length));
            EXPECT_THROW(read_ecg(path, options), InputError) << name << " " << length;
        }
    }
    // A matrix of 10^18 numbers in a file of some hundred bytes.
    std::string huge = read_text_file(data("level4.mat"));
    for (const std::size_t place : {4, 8}) huge.replace(place, 4, "\xFF\xFF\xFF\x3F");
    write_file(path, huge);
    EXPECT_THROW(read_ecg_info(path, options), InputError);
}

TEST(Matlab, TheNoiseRecordings) {
    CLEF_REQUIRE_SHARED("data/noise");
    // Sample numbers, and two channels of 200 steps to a millivolt.
    const Recording noise = read_ecg(shared_folder() / "data/noise/BW.mat",
                                     options_for({"n", "ECG1", "ECG2"}, "200/mV"));
    EXPECT_EQ(noise.samples(), 10800U);
    // As SciPy reads the file: BW[0] and BW[10799].
    EXPECT_FLOAT_EQ(noise.leads[1].samples.front(), -29.0F / 200);
    EXPECT_FLOAT_EQ(noise.leads[2].samples.back(), -16.0F / 200);
}

}  // namespace clef
