#include "formats/wfdb_header.hpp"

#include <gtest/gtest.h>

#include "base/random.hpp"
#include "formats/expect_input_error.hpp"

namespace clef {

using testing::expect_input_error;

TEST(WfdbHeader, EveryFieldOfTheRecordLine) {
    const auto header = parse_wfdb_header(
        "# first\nrec 1 360/1000(-5.5) 650 10:20:30.5 1/02/2003\n"
        "rec.dat 16 100 12 7 -3 -22131 4 a lead name\n# last \n",
        "rec.hea");
    EXPECT_EQ(header.record, "rec");
    EXPECT_EQ(header.segments, 0U);
    EXPECT_EQ(header.sampling_rate, 360);
    EXPECT_EQ(header.counter_frequency, 1000);
    EXPECT_EQ(header.base_counter, -5.5);
    EXPECT_EQ(header.samples, 650U);
    EXPECT_EQ(header.base_time, "10:20:30.5");
    EXPECT_EQ(header.base_date, "1/02/2003");
    EXPECT_EQ(header.comments, (std::vector<std::string>{"first", "last"}));
}

TEST(WfdbHeader, EveryFieldOfASignalLine) {
    const auto header = parse_wfdb_header(
        "rec 3\nrec.dat 212x2:3+512 1000.5(-70)/uV 12 7 -3 -1 4 a lead name\r\n\n"
        "b.dat 16 0 11 1024\nb.dat 16\n",
        "rec.hea");
    ASSERT_EQ(header.signals.size(), 3U);
    const WfdbSignal& full = header.signals[0];
    EXPECT_EQ(full.file, "rec.dat");
    EXPECT_EQ(full.format, 212);
    EXPECT_EQ(full.frame_samples, 2U);
    EXPECT_EQ(full.skew, 3U);
    EXPECT_EQ(full.byte_offset, 512U);
    EXPECT_EQ(full.gain, 1000.5);
    EXPECT_EQ(full.baseline, -70);
    EXPECT_EQ(full.units, "uV");
    EXPECT_EQ(full.adc_resolution, 12);
    EXPECT_EQ(full.adc_zero, 7);
    EXPECT_EQ(full.initial_value, -3);
    EXPECT_EQ(full.checksum, 65535);
    EXPECT_EQ(full.block_size, 4);
    EXPECT_EQ(full.description, "a lead name");

    // Zero gain means 200 ADC units per millivolt; the baseline is ADC zero when not given.
    EXPECT_EQ(header.signals[1].gain, 200);
    EXPECT_EQ(header.signals[1].baseline, 1024);
    EXPECT_EQ(header.signals[1].initial_value, 1024);
    EXPECT_FALSE(header.signals[1].checksum);
    EXPECT_EQ(header.signals[2].units, "mV");
    EXPECT_EQ(header.sampling_rate, 250);
    EXPECT_FALSE(header.samples);
}

TEST(WfdbHeader, MultiSegmentRecordsAreRecognised) {
    const auto header = parse_wfdb_header("m/3 2 100 300\na 100\n~ 100\nb 100\n", "m.hea");
    EXPECT_EQ(header.segments, 3U);
    EXPECT_EQ(header.announced_signals, 2U);
    EXPECT_TRUE(header.signals.empty());
    ASSERT_EQ(header.segment_list.size(), 3U);
    EXPECT_EQ(header.segment_list[0].record, "a");
    EXPECT_EQ(header.segment_list[1].record, "~");
    EXPECT_EQ(header.segment_list[1].samples, 100U);
    EXPECT_EQ(header.segment_list[2].line, 4U);
}

TEST(WfdbHeader, MoreLinesThanAnnouncedAreLeftOut) {
    EXPECT_EQ(parse_wfdb_header("x 1\na 16\nb 16\n", "x.hea").signals.size(), 1U);
    EXPECT_EQ(parse_wfdb_header("x/1 1 100 5\na 5\nb 5\n", "x.hea").segment_list.size(), 1U);
}

TEST(WfdbHeader, TextThatIsNotUtf8IsLatin1) {
    const auto header = parse_wfdb_header(
        "x 2\nx 16 200/\xB5V 12 0 0 0 0 Br\xFC"
        "cke\nx 16 200/\xC2\xB5V\n# M\xFCnchen\n",
        "x.hea");
    EXPECT_EQ(header.signals[0].units, "\xC2\xB5V");
    EXPECT_EQ(header.signals[0].description,
              "Br\xC3\xBC"
              "cke");
    EXPECT_EQ(header.signals[1].units, "\xC2\xB5V");
    EXPECT_EQ(header.comments[0], "M\xC3\xBCnchen");
}

TEST(WfdbHeader, FaultsNameTheLineAndWhatWasExpected) {
    const auto fails = [](std::string text, std::initializer_list<std::string> words) {
        expect_input_error([&] { parse_wfdb_header(text, "x.hea"); }, words);
    };
    fails("", {"x.hea", "record line"});
    fails("# only a comment\n", {"record line"});
    fails("x\n", {"line 1", "number of signals"});
    fails("x -1 360\n", {"line 1", "number of signals", "-1"});
    fails("x 65000 360 10\nx.dat 16\n", {"65000 signals", "describes 1"});
    fails("x/65000 1 360 10\na 10\n", {"65000 segments", "describes 1"});
    fails("x/0 1 360 10\n", {"number of segments"});
    fails("x/2 1 360 10\na 5\nb -5\n", {"line 3", "samples in a segment", "-5"});
    fails("x/2 1 360 10\na 5\nb\n", {"line 3", "samples in a segment"});
    fails("x 99999999999999999999999 360\n", {"number of signals"});
    fails("x 1 0 100\nx.dat 16\n", {"sampling rate"});
    fails("x 1 -360 100\nx.dat 16\n", {"sampling rate"});
    fails("x 1 fast 100\nx.dat 16\n", {"sampling rate", "fast"});
    fails("x 1 360 -5\nx.dat 16\n", {"number of samples"});
    fails("x 1 360 5\n\nx.dat\n", {"line 3", "format"});
    fails("x 1 360 5\nx.dat FLAC\n", {"line 2", "signal format", "FLAC"});
    fails("x 1 360 5\nx.dat 16x0\n", {"samples per frame"});
    fails("x 1 360 5\nx.dat 16+-4\n", {"byte offset"});
    fails("x 1 360 5\nx.dat 16 200(5/mV\n", {"baseline"});
    fails("x 1 360 5\nx.dat 16 1e-300/mV\n", {"ADC gain"});
    fails("x 1 360 5\nx.dat 16 nan/mV\n", {"ADC gain"});
}

TEST(WfdbHeader, HugeClaimsCostNothing) {
    const auto header = parse_wfdb_header("x 1 360 1000000000000000\nx.dat 16\n", "x.hea");
    EXPECT_EQ(header.samples, 1000000000000000U);
    expect_input_error([] { parse_wfdb_header("x 1000000 360 10\nx.dat 16\n", "x.hea"); },
                       {"number of signals", "65536", "1000000"});
}

TEST(WfdbHeader, DamagedTextNeverDoesWorseThanAnInputError) {
    const std::string good =
        "rec 2 360/1000(5) 650 10:20:30 1/02/2003\nrec.dat 212x2:3+512 1000.5(-70)/uV 12 7 -3 -1 4 "
        "a\nrec.dat 16 200 11 1024 995 -22131 0 MLII\n# c\n";
    int parsed = 0;
    int refused = 0;
    for (std::uint64_t sample = 0; sample < 3000; ++sample) {
        Random random(1, "damaged header", 0, sample);
        std::string text = good.substr(0, random.below(good.size() + 1));
        for (int i = 0; i < 3 && !text.empty(); ++i) {
            text[random.below(text.size())] = static_cast<char>(random.below(256));
        }
        try {
            parse_wfdb_header(text, "x.hea");
            ++parsed;
        } catch (const InputError&) {
            ++refused;
        }
    }
    EXPECT_GT(parsed, 20);
    EXPECT_GT(refused, 100);
}

}  // namespace clef
