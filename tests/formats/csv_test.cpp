#include <cmath>
#include <gtest/gtest.h>

#include "base/file.hpp"
#include "base/random.hpp"
#include "formats/csv_layout.hpp"
#include "formats/ecg_file.hpp"
#include "formats/expect_input_error.hpp"
#include "shared.hpp"

namespace clef {

using testing::expect_input_error;
using testing::TemporaryFolder;

namespace {

// The text as a file, read.
Recording read_text(const std::string& text, const ReadOptions& options = {}) {
    const TemporaryFolder folder;
    write_file(folder.path() / "x.txt", text);
    return read_ecg(folder.path() / "x.txt", options);
}

void expect_refused(const std::string& text, const ReadOptions& options,
                    std::initializer_list<std::string> words) {
    expect_input_error([&] { read_text(text, options); }, words);
}

// What one column of millivolts without a heading needs.
ReadOptions plain_options() {
    ReadOptions options;
    options.sampling_rate = 250;
    options.units = "mV";
    return options;
}

using Samples = std::vector<float>;

}  // namespace

TEST(Csv, WhatConvertWritesNeedsNoOptions) {
    const Recording recording =
        read_text("# sampling_rate_hz=500\nI [mV],II [uV],-aVR [mV]\n0.5,1500,1\n-1e-3,nan,2\n");
    EXPECT_EQ(recording.sampling_rate, 500);
    ASSERT_EQ(recording.leads.size(), 3U);
    EXPECT_EQ(recording.leads[0].name, "I");
    EXPECT_EQ(recording.leads[0].samples, (Samples{0.5F, -0.001F}));
    EXPECT_EQ(recording.leads[1].unit, "uV");
    EXPECT_FLOAT_EQ(recording.leads[1].samples[0], 1.5F);
    EXPECT_TRUE(std::isnan(recording.leads[1].samples[1]));
    EXPECT_EQ(recording.leads[2].name, "-aVR");
}

TEST(Csv, SeparatorsLineEndsQuotesAndTheByteOrderMarkDoNotMatter) {
    const std::string comma = "# sampling_rate_hz=360\nMLII [mV],V5 [mV]\n0.25,-1\n1.5,2\n";
    const std::vector<std::string> same{
        comma,
        "# sampling_rate_hz=360\r\nMLII [mV],V5 [mV]\r\n0.25,-1\r\n1.5,2",
        "\xEF\xBB\xBF# sampling_rate_hz=360\n\"MLII [mV]\",\"V5 [mV]\"\n\"0.25\",\"-1\"\n1.5,2\n\n",
        "# sampling_rate_hz=360\nMLII [mV]\tV5 [mV]\n0.25\t-1\n1.5\t2\n",
        "# sampling_rate_hz=360\nMLII [mV];V5 [mV]\n0,25;-1\n1,5;2\n",
        "# sampling_rate_hz=360\nMLII (mV); V5 (mV)\n 0.25 ; -1\n1.5; 2\n",
        "# sampling_rate_hz=360\nMLII_mV V5_mV\n0.25   -1\n 1.5 2\n",
        "# sampling_rate_hz=360\rMLII [mV],V5 [mV]\r0.25,-1\r1.5,2\r",
    };
    for (const std::string& text : same) {
        const Recording recording = read_text(text);
        ASSERT_EQ(recording.leads.size(), 2U) << text;
        EXPECT_EQ(recording.leads[0].name, "MLII") << text;
        EXPECT_EQ(recording.leads[0].samples, (Samples{0.25F, 1.5F})) << text;
        EXPECT_EQ(recording.leads[1].samples, (Samples{-1, 2})) << text;
    }
}

TEST(Csv, OneValuePerLineNeedsARateAndAUnit) {
    const std::string text = "0.5\n\n-0.25\n1\n\n";
    const Recording recording = read_text(text, plain_options());
    EXPECT_EQ(recording.leads[0].name, "ECG");
    ASSERT_EQ(recording.samples(), 4U);  // the blank line between is a missing sample
    EXPECT_TRUE(std::isnan(recording.leads[0].samples[1]));
    EXPECT_EQ(recording.leads[0].samples[2], -0.25F);
    expect_refused(text, {.units = "mV"}, {"--fs"});
    expect_refused(text, {.sampling_rate = 250}, {"--units"});
    EXPECT_FLOAT_EQ(
        read_text("200\n-100\n", {.sampling_rate = 250, .units = "200/mV"}).leads[0].samples[1],
        -0.5F);
}

TEST(Csv, ColumnsWithoutHeadingsNeedNames) {
    const std::string text = "1,2,3\n4,5,6\n";
    expect_refused(text, plain_options(), {"3 leads", "--lead-names"});
    ReadOptions options = plain_options();
    options.lead_names = {"I", "II", "V1"};
    EXPECT_EQ(read_text(text, options).lead("V1").samples, (Samples{3, 6}));
    options.lead_names = {"I", "II"};
    expect_refused(text, options, {"2 names", "3 signals"});
    expect_refused(",0,1,2\n0,0.5,0.5,0.5\n1,0.5,0.5,0.5\n", options, {"line 1", "pandas"});
}

TEST(Csv, TimesGiveTheRate) {
    const auto rate = [](const std::string& heading, std::initializer_list<const char*> times) {
        std::string text = heading + ",I [mV]\n";
        for (const char* time : times) text += std::string(time) + ",1\n";
        const Recording recording = read_text(text);
        EXPECT_EQ(recording.leads.size(), 1U);
        return recording.sampling_rate;
    };
    EXPECT_EQ(rate("time_s", {"0", "0.002", "0.004", "0.006"}), 500);
    EXPECT_EQ(rate("time (ms)", {"10", "12", "14"}), 500);
    EXPECT_EQ(rate("ms", {"0", "4", "8"}), 250);
    EXPECT_EQ(rate("Elapsed time", {"0", "0.01", "0.02"}), 100);
    // Rounded to milliseconds: 360 Hz within that rounding.
    EXPECT_EQ(rate("t [s]", {"0.000", "0.003", "0.006", "0.008", "0.011"}), 364);
    EXPECT_NEAR(rate("time_s", {"0", "0.0019498", "0.0038996"}), 512.873, 0.01);
}

TEST(Csv, TimesThatDoNotSettleTheRateAreRefused) {
    const ReadOptions none;
    expect_refused("time,I [mV]\n0,1\n1,1\n2,1\n", none, {"'time'", "unit", "--fs"});
    expect_refused("time_s,I [mV]\n0,1\n0.01,1\n0.02,1\n0.5,1\n0.51,1\n", none,
                   {"line 5", "rows are missing"});
    expect_refused("time_s,I [mV]\n0,1\n0,1\n0,1\n", none, {"do not grow"});
    expect_refused("time,I [mV]\n10:00:00.0,1\n10:00:00.1,1\n", none, {"--fs"});
    expect_refused("time_s,I [mV]\n0,1\n0.01,1\n0.02,1\n", {.sampling_rate = 500},
                   {"100 Hz", "--fs says 500"});
    // With --fs such columns are passed over.
    EXPECT_EQ(read_text("time,I [mV]\n0,1\n1,1\n", {.sampling_rate = 500}).samples(), 2U);
    EXPECT_EQ(read_text("time,I [mV]\n10:00:00.0,1\n10:00:00.1,2\n", {.sampling_rate = 10})
                  .leads[0]
                  .samples,
              (Samples{1, 2}));
    EXPECT_EQ(read_text("sample,I [mV]\n0,1\n1,1\n", {.sampling_rate = 500}).leads.size(), 1U);
}

TEST(Csv, ACommaIsDecimalOnlyWhereThatIsPlain) {
    expect_refused("0,5\n1,25\n", plain_options(), {"line 1", "decimal comma", "--lead-names"});
    ReadOptions one = plain_options();
    one.lead_names = {"I"};
    EXPECT_EQ(read_text("0,5\n-1,25\n", one).leads[0].samples, (Samples{0.5F, -1.25F}));
    ReadOptions two = plain_options();
    two.lead_names = {"I", "II"};
    EXPECT_EQ(read_text("0,5\n1,25\n", two).leads[1].samples, (Samples{5, 25}));
    EXPECT_EQ(read_text("ecg_mV\n0,5\n1,25\n", {.sampling_rate = 250}).leads[0].samples,
              (Samples{0.5F, 1.25F}));
    // A sign behind the comma: two numbers.
    EXPECT_EQ(read_text("0,-5\n1,25\n", two).leads[1].samples, (Samples{-5, 25}));
}

TEST(Csv, AppleWatchExports) {
    const std::string rest = "\n\n\n12.5\n-3000.25\n8\n";
    const auto head = [](const char* rate) {
        return std::string("Name,A Person\nDate of Birth,1 Jan 1950\n") +
               "Recorded Date,2024-03-01 10:00:00 +0000\nClassification,Sinus Rhythm\nSymptoms,\n"
               "Software Version,2.00\nDevice,\"Watch6,1\"\nSample Rate," +
               rate + "\n\n\nLead,Lead I\nUnit,\xC2\xB5V";
    };
    const Recording recording = read_text(head("512 hertz") + rest);
    EXPECT_EQ(recording.sampling_rate, 512);
    EXPECT_EQ(recording.leads[0].name, "I");
    ASSERT_EQ(recording.samples(), 3U);
    EXPECT_FLOAT_EQ(recording.leads[0].samples[1], -3.00025F);
    EXPECT_TRUE(recording.comments.empty());  // they would tell who the person is
    EXPECT_EQ(read_text(head("512.844 hertz") + rest).sampling_rate, 512.844);

    const TemporaryFolder folder;
    write_file(folder.path() / "ecg.csv",
               head("\"512,844 Hertz\"") + "\n\n12,5\n-3000,25\n8,125\n");
    const RecordingInfo info = read_ecg_info(folder.path() / "ecg.csv");
    EXPECT_EQ(info.format, "Apple Watch CSV");
    EXPECT_EQ(info.sampling_rate, 512.844);
    EXPECT_EQ(info.start, "2024-03-01 10:00:00 +0000");
    const Recording comma = read_ecg(folder.path() / "ecg.csv");
    EXPECT_FLOAT_EQ(comma.leads[0].samples[1], -3.00025F);
    ASSERT_EQ(comma.leads.size(), 1U);
}

TEST(Csv, PolarExportsHaveTheRateOfTheSensorsClock) {
    std::string text = "Phone timestamp;sensor timestamp [ns];timestamp [ms];ecg [uV]\n";
    for (long long i = 0; i < 260; ++i) {
        text += "2024-03-01T10:00:00." + std::to_string(100 + i) + ";" +
                std::to_string(599616000000000000 + i * 7692308) + ";" +
                std::to_string(static_cast<double>(i) * 7.692308) + ";" + std::to_string(i - 130) +
                "\n";
    }
    const TemporaryFolder folder;
    write_file(folder.path() / "polar.txt", text);
    const RecordingInfo info = read_ecg_info(folder.path() / "polar.txt");
    EXPECT_EQ(info.format, "Polar CSV");
    EXPECT_NEAR(info.sampling_rate, 130, 1e-4);
    const Recording recording = read_ecg(folder.path() / "polar.txt");
    ASSERT_EQ(recording.leads.size(), 1U);
    EXPECT_EQ(recording.leads[0].name, "ECG");
    EXPECT_FLOAT_EQ(recording.leads[0].samples[0], -0.13F);
}

TEST(Csv, PartsAreTheSameSamplesAsTheWhole) {
    // More rows than lie between two marks of the reader's index, of several lengths.
    std::string text = "# sampling_rate_hz=500\nI [mV],II [mV]\n";
    Samples first;
    for (int i = 0; i < 10000; ++i) {
        first.push_back(static_cast<float>(i * 7919 % 10007) / 8);
        text += fmt::format("{},{}\n", first.back(), i);
    }
    const TemporaryFolder folder;
    write_file(folder.path() / "x.csv", text);
    for (const auto& [from, to] :
         {std::pair{0, 10000}, {4095, 4097}, {4096, 4097}, {8191, 9000}, {9999, 10000}}) {
        ReadOptions options{.leads = {"II", "I"}};
        options.from = static_cast<std::uint64_t>(from);
        options.to = static_cast<std::uint64_t>(to);
        const Recording part = read_ecg(folder.path() / "x.csv", options);
        EXPECT_EQ(part.leads[1].samples, Samples(first.begin() + from, first.begin() + to));
        EXPECT_EQ(part.leads[0].samples.front(), static_cast<float>(from));
    }
}

TEST(Csv, FaultsNameLineAndColumn) {
    const std::string head = "# sampling_rate_hz=500\nI [mV],II [mV]\n1,2\n";
    expect_refused(head + "1\n", {}, {"line 4", "1 cells", "expected 2"});
    expect_refused(head + "1,two\n", {}, {"line 4", "column 2", "'two'"});
    expect_refused(head + "1,inf\n", {}, {"line 4", "column 2"});
    expect_refused("# sampling_rate_hz=fast\nI [mV]\n1\n", {}, {"line 1", "Hz"});
    expect_refused("I [mV],II [mV],V1 [mV]\n1,2\n", {}, {"line 2", "2 cells", "3 headings"});
    expect_refused("time_s\n0.1\n0.2\n", {}, {"no column of samples"});
    expect_refused("some words\nand more\n", {}, {"x.txt", "formats read"});
}

TEST(CsvLayout, HeadingsArePartedIntoNameAndUnit) {
    const auto column = [](const char* heading) { return parse_column(heading); };
    EXPECT_EQ(column("ecg [uV]").label, "ecg");
    EXPECT_EQ(column("ecg [uV]").unit, "uV");
    EXPECT_EQ(column("I(mV)").label, "I");
    EXPECT_EQ(column("V5_mV").unit, "mV");
    EXPECT_EQ(column("mV").label, "");
    EXPECT_EQ(column("value").label, "");
    EXPECT_EQ(column("ECG \xB5V").unit, "\xC2\xB5V");
    EXPECT_EQ(column("ECG V").unit, "");  // a lead, not volts
    EXPECT_EQ(column("resp [Ohm]").unit, "Ohm");
    EXPECT_EQ(column("time").kind, CsvColumn::Kind::time);
    EXPECT_EQ(column("timestamp [ns]").kind, CsvColumn::Kind::time);
    EXPECT_EQ(column("Sample number").kind, CsvColumn::Kind::counter);
    EXPECT_EQ(column("II").kind, CsvColumn::Kind::values);
}

}  // namespace clef
