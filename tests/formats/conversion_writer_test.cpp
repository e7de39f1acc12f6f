#include <cmath>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/csv.hpp"
#include "base/file.hpp"
#include "formats/conversion.hpp"
#include "formats/ecg_reader.hpp"
#include "formats/expect_input_error.hpp"
#include "formats/npy.hpp"
#include "formats/wfdb_annotations.hpp"
#include "formats/wfdb_header.hpp"
#include "formats/wfdb_segments.hpp"
#include "formats/wfdb_writer.hpp"
#include "shared.hpp"

namespace clef {

using testing::expect_input_error;

namespace {

namespace fs = std::filesystem;

std::vector<std::vector<std::int32_t>> digital_of(const fs::path& record) {
    const WfdbHeader header = read_wfdb_header(record.string() + ".hea");
    std::vector<std::size_t> all(header.signals.size());
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
    return read_wfdb_digital(header, all, 0, *header.samples);
}

fs::path shared(const std::string& name) {
    return testing::shared_folder() / "data" / name;
}

// Two leads of five seconds with a gap, as a WFDB record.
fs::path small_record(const fs::path& folder) {
    Recording recording;
    recording.sampling_rate = 200;
    recording.comments = {"age: 61"};
    for (const char* name : {"I", "V1"}) {
        Lead lead{name, name, "mV", true, {}};
        for (int i = 0; i < 1000; ++i) {
            lead.samples.push_back(static_cast<float>(std::sin(i * 0.1)));
        }
        recording.leads.push_back(lead);
    }
    recording.leads[1].samples[500] = std::nanf("");
    write_wfdb(folder / "small", recording);
    return folder / "small";
}

void expect_same_samples(const Recording& a, const Recording& b, float tolerance = 0) {
    ASSERT_EQ(a.leads.size(), b.leads.size());
    for (std::size_t lead = 0; lead < a.leads.size(); ++lead) {
        EXPECT_EQ(a.leads[lead].name, b.leads[lead].name);
        ASSERT_EQ(a.leads[lead].samples.size(), b.leads[lead].samples.size());
        for (std::size_t i = 0; i < a.leads[lead].samples.size(); ++i) {
            const float x = a.leads[lead].samples[i];
            const float y = b.leads[lead].samples[i];
            ASSERT_TRUE(std::abs(x - y) <= tolerance || (std::isnan(x) && std::isnan(y)))
                << lead << " " << i;
        }
    }
}

}  // namespace

TEST(Conversion, ThereAndBackGivesTheSameIntegersAndAnnotationBytes) {
    CLEF_REQUIRE_SHARED("data/mitdb/100.atr");
    const testing::TemporaryFolder folder;
    const fs::path source = shared("mitdb/100");
    const fs::path flac = folder.path() / "flac";
    const fs::path back = folder.path() / "back";
    const auto result = convert_recording(source, flac, ConversionTarget::wfdb516, {});
    EXPECT_TRUE(result.kept_digital);
    EXPECT_TRUE(result.losses.empty());
    convert_recording(flac, back, ConversionTarget::wfdb212, {});
    EXPECT_EQ(digital_of(back), digital_of(source));
    // Format 212 leaves no choices, so even the file is the same.
    EXPECT_EQ(read_text_file(back.string() + ".dat"), read_text_file(source.string() + ".dat"));
    EXPECT_EQ(read_text_file(back.string() + ".atr"), read_text_file(source.string() + ".atr"));
    const WfdbHeader before = read_wfdb_header(source.string() + ".hea");
    const WfdbHeader after = read_wfdb_header(back.string() + ".hea");
    EXPECT_EQ(after.comments, before.comments);
    for (std::size_t i = 0; i < before.signals.size(); ++i) {
        EXPECT_EQ(after.signals[i].description, before.signals[i].description);
        EXPECT_EQ(after.signals[i].gain, before.signals[i].gain);
        EXPECT_EQ(after.signals[i].baseline, before.signals[i].baseline);
        EXPECT_EQ(after.signals[i].adc_zero, before.signals[i].adc_zero);
        EXPECT_EQ(after.signals[i].checksum, before.signals[i].checksum);
    }
}

TEST(Conversion, APartTakesItsAnnotationsAlong) {
    CLEF_REQUIRE_SHARED("data/mitdb/100.atr");
    const testing::TemporaryFolder folder;
    const fs::path out = folder.path() / "part";
    ConversionOptions options;
    options.read.from = 1000;
    options.read.to = 3000;
    convert_recording(shared("mitdb/100"), out, ConversionTarget::wfdb16, options);
    const auto all = read_annotations(shared("mitdb/100"), "atr");
    const auto part = read_annotations(out, "atr");
    ASSERT_EQ(part.size(), 7U);  // 1231, 1515, 1809, 2044, 2402, 2706, 2998
    EXPECT_EQ(part.front().sample, 231);
    EXPECT_EQ(part[3].symbol, "A");
    EXPECT_EQ(part.back().sample, 1998);
    const auto digital = digital_of(out);
    EXPECT_EQ(digital[0].size(), 2000U);
    EXPECT_EQ(digital[0][0], digital_of(shared("mitdb/100"))[0][1000]);
}

TEST(Conversion, AnnotationsSurviveEdf) {
    CLEF_REQUIRE_SHARED("data/mitdb/100.atr");
    const testing::TemporaryFolder folder;
    const fs::path edf = folder.path() / "x.edf";
    ConversionOptions options;
    options.annotators = {"atr"};
    options.read.to = 36000;
    convert_recording(shared("mitdb/100"), edf, ConversionTarget::edf, options);
    const auto before = read_annotations(shared("mitdb/100"), "atr");
    const auto after = open_ecg(edf)->annotations();
    ASSERT_GT(after.size(), 100U);
    for (std::size_t i = 0; i < after.size(); ++i) EXPECT_EQ(after[i].sample, before[i].sample);
    EXPECT_EQ(after[0].text, "+ (N");
    EXPECT_EQ(after[1].text, "N");
    expect_same_samples(read_ecg(shared("mitdb/100"), options.read), read_ecg(edf), 1e-6F);
    // And on to WFDB, where they are notes.
    convert_recording(edf, folder.path() / "y", ConversionTarget::wfdb16, {});
    EXPECT_EQ(read_annotations(folder.path() / "y", "atr")[0].text, "+ (N");
}

TEST(Conversion, CsvAndNpyHoldEveryFloatAndEveryGap) {
    const testing::TemporaryFolder folder;
    const fs::path source = small_record(folder.path());
    write_file(source.string() + ".atr",
               encode_wfdb_annotations(
                   from_annotations({{20, 0.1, "V", 1, 0, 2, "a \"text\", quoted", 0}}, "x"), "x"));
    const Recording before = read_ecg(source);

    const auto csv = convert_recording(source, folder.path() / "x.csv", ConversionTarget::csv, {});
    ASSERT_EQ(csv.files.size(), 2U);
    const CsvTable table = read_csv(csv.files[1]);
    EXPECT_EQ(table.rows.at(0), (std::vector<std::string>{"atr", "20", "0.1", "V", "1", "0", "2",
                                                          "a \"text\", quoted", ""}));

    const auto npy = convert_recording(source, folder.path() / "x.npy", ConversionTarget::npy, {});
    EXPECT_EQ(npy.reading_options, "--fs 200 --units mV --lead-names I,V1");
    const NpyArray array = read_npy(folder.path() / "x.npy");
    EXPECT_EQ(array.shape, (std::vector<std::size_t>{2, 1000}));
    EXPECT_EQ(array.values[17], before.leads[0].samples[17]);
    EXPECT_TRUE(std::isnan(array.values[1500]));
    const auto about = nlohmann::json::parse(read_text_file(folder.path() / "x.json"));
    EXPECT_EQ(about.at("leads"), (std::vector<std::string>{"I", "V1"}));
    EXPECT_EQ(about.at("sampling_rate_hz"), 200);

    expect_same_samples(before, read_ecg(folder.path() / "x.csv"));
    ReadOptions said;
    said.sampling_rate = 200;
    said.units = "mV";
    said.lead_names = {"I", "V1"};
    expect_same_samples(before, read_ecg(folder.path() / "x.npy", said));
}

TEST(Conversion, WhatIsLostIsMeasuredOrRefused) {
    const testing::TemporaryFolder folder;
    const fs::path source = small_record(folder.path());
    ConversionOptions coarse;
    coarse.resolution = 100;
    const auto result =
        convert_recording(source, folder.path() / "c", ConversionTarget::wfdb212, coarse);
    EXPECT_FALSE(result.kept_digital);
    EXPECT_NEAR(result.largest_difference, 0.005, 1e-6);
    ASSERT_EQ(result.losses.size(), 1U);
    EXPECT_NE(result.losses[0].find("largest difference 0.005 mV"), std::string::npos);
    EXPECT_TRUE(std::isnan(read_ecg(folder.path() / "c").leads[1].samples[500]));

    coarse.resolution = 5000;
    expect_input_error(
        [&] { convert_recording(source, folder.path() / "c", ConversionTarget::wfdb212, coarse); },
        {"lead I, sample", "--resolution", "0.4094"});
    expect_input_error(
        [&] { convert_recording(source, folder.path() / "c.edf", ConversionTarget::edf, {}); },
        {"lead V1, sample 500", "missing", "--leads"});
    expect_input_error([&] { convert_recording(source, source, ConversionTarget::wfdb16, {}); },
                       {"the input itself"});
}

TEST(Conversion, TheTargetFollowsFromTheNameOrTheOption) {
    EXPECT_EQ(conversion_target("", "a/x"), ConversionTarget::wfdb16);
    EXPECT_EQ(conversion_target("", "x.hea"), ConversionTarget::wfdb16);
    EXPECT_EQ(conversion_target("", "x.EDF"), ConversionTarget::edf);
    EXPECT_EQ(conversion_target("wfdb516", "x"), ConversionTarget::wfdb516);
    expect_input_error([] { conversion_target("", "x.mat"); }, {"x.mat", "--format", "wfdb212"});
    expect_input_error([] { conversion_target("wfdb21", "x"); }, {"wfdb21", "wfdb212"});
}

}  // namespace clef
