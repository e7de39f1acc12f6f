// .npy files as recordings, against what NumPy says is in the files that it wrote.
#include <cmath>
#include <fstream>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/file.hpp"
#include "formats/ecg_file.hpp"
#include "formats/expect_input_error.hpp"
#include "shared.hpp"

namespace clef {

using testing::expect_input_error;

namespace {

std::filesystem::path data() {
    return std::filesystem::path(CLEF_TEST_DATA) / "formats";
}

ReadOptions options(std::size_t leads) {
    ReadOptions options;
    options.sampling_rate = 250;
    options.units = "mV";
    options.lead_names =
        leads == 1 ? std::vector<std::string>{"V1"} : std::vector<std::string>{"V1", "V2"};
    return options;
}

// Where a value differs from JSON's number, or from null for NaN; -1 where none does.
std::ptrdiff_t first_difference(const std::vector<float>& found, const nlohmann::json& expected) {
    for (std::size_t i = 0; i < found.size(); ++i) {
        const bool same =
            expected[i].is_null() ? std::isnan(found[i]) : found[i] == expected[i].get<float>();
        if (!same) return static_cast<std::ptrdiff_t>(i);
    }
    return -1;
}

}  // namespace

TEST(NpyReader, EveryNumberTypeByteOrderAndMemoryOrderOfNumpy) {
    std::ifstream file(data() / "npy.json");
    const auto expected = nlohmann::json::parse(file);
    std::size_t files = 0;
    for (const auto& [name, leads] : expected.items()) {
        SCOPED_TRACE(name);
        const auto path = data() / "npy" / (name + ".npy");
        const Recording whole = read_ecg(path, options(leads.size()));
        ASSERT_EQ(whole.leads.size(), leads.size());
        for (std::size_t i = 0; i < leads.size(); ++i) {
            ASSERT_EQ(whole.leads[i].samples.size(), leads[i].size());
            EXPECT_EQ(first_difference(whole.leads[i].samples, leads[i]), -1);
        }
        // A part of one lead, last lead first.
        ReadOptions part = options(leads.size());
        part.leads = {part.lead_names.back()};
        part.from = 3;
        part.to = 11;
        const std::vector<float> samples = read_ecg(path, part).leads[0].samples;
        const auto& last = whole.leads.back().samples;
        EXPECT_EQ(samples, std::vector<float>(last.begin() + 3, last.begin() + 11));
        ++files;
    }
    EXPECT_EQ(files, 30U);
}

TEST(NpyReader, UnitsScaleIntegers) {
    ReadOptions microvolts = options(2);
    microvolts.units = "200/mV";
    const Recording read = read_ecg(data() / "npy" / "big_i2_fortran.npy", microvolts);
    EXPECT_EQ(read.leads[1].samples[0], 60.0F / 200);
}

TEST(NpyReader, WhatIsNoRecordingIsNamed) {
    const testing::TemporaryFolder folder;
    const auto path = folder.path() / "x.npy";
    const std::string good = read_text_file(data() / "npy" / "little_i2_rows.npy");
    const auto fails = [&](const std::string& from, const std::string& to,
                           std::initializer_list<std::string> words) {
        std::string text = good;
        text.replace(text.find(from), from.size(), to);
        write_file(path, text);
        expect_input_error([&] { read_ecg(path, options(2)); }, words);
    };
    fails("'<i2'", "'<c8'", {"x.npy", "'<c8'", "float32"});
    fails("'<i2'", "'|O8'", {"'|O8'"});
    fails("'<i2'", "'<i4'", {"too few"});
    fails("(2, 20), }", "(2, 2, 5)}", {"3 dimensions"});
    write_file(path, good);
    expect_input_error([&] { read_ecg(path); }, {"--fs"});
    ReadOptions rate;
    rate.sampling_rate = 250;
    expect_input_error([&] { read_ecg(path, rate); }, {"--lead-names"});
    expect_input_error([&] { read_ecg(path, options(1)); }, {"1 names", "2 signals"});
}

}  // namespace clef
