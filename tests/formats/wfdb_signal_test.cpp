#include "formats/wfdb_signal.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/random.hpp"
#include "formats/ecg_file.hpp"
#include "formats/expect_input_error.hpp"
#include "formats/matlab4.hpp"
#include "formats/wfdb_decoders.hpp"
#include "formats/wfdb_record.hpp"
#include "formats/wfdb_writer.hpp"
#include "shared.hpp"

namespace clef {

using testing::expect_input_error;

using testing::bytes_of;
using testing::TestRecord;

namespace {

// How a format's samples lie in bytes, as bits: bit k of sample i of a group is bit bits[i][k] of
// the group's bytes read as one little-endian number. From the tables of docs/formats.md.
struct Layout {
    int format;
    std::size_t group_bytes;
    std::vector<std::vector<int>> bits;
    std::int64_t offset;  // what the number in the file is too large by
};

std::vector<int> bit_range(int first, int count) {
    std::vector<int> bits;
    for (int i = 0; i < count; ++i) bits.push_back(first + i);
    return bits;
}

std::vector<int> operator+(std::vector<int> a, const std::vector<int>& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

std::vector<Layout> layouts() {
    return {
        {8, 1, {bit_range(0, 8)}, 0},
        {16, 2, {bit_range(0, 16)}, 0},
        {24, 3, {bit_range(0, 24)}, 0},
        {32, 4, {bit_range(0, 32)}, 0},
        {61, 2, {bit_range(8, 8) + bit_range(0, 8)}, 0},
        {80, 1, {bit_range(0, 8)}, 128},
        {160, 2, {bit_range(0, 16)}, 32768},
        {212, 3, {bit_range(0, 12), bit_range(16, 8) + bit_range(12, 4)}, 0},
        {310, 4, {bit_range(1, 10), bit_range(17, 10), bit_range(11, 5) + bit_range(27, 5)}, 0},
        {311, 4, {bit_range(0, 10), bit_range(10, 10), bit_range(20, 10)}, 0},
    };
}

std::int64_t slow_sample(const Layout& layout, const std::string& bytes, std::size_t index) {
    const std::size_t group = index / layout.bits.size() * layout.group_bytes;
    const std::vector<int>& bits = layout.bits[index % layout.bits.size()];
    std::int64_t value = 0;
    for (std::size_t k = 0; k < bits.size(); ++k) {
        const auto byte =
            static_cast<unsigned char>(bytes[group + static_cast<std::size_t>(bits[k]) / 8]);
        value |= std::int64_t{(byte >> (bits[k] % 8)) & 1} << k;
    }
    value -= layout.offset;
    const std::int64_t sign = std::int64_t{1} << (bits.size() - 1);
    return layout.offset == 0 && value >= sign ? value - 2 * sign : value;
}

// The bytes that the first n samples touch.
std::size_t slow_bytes_for(const Layout& layout, std::size_t samples) {
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < samples; ++i) {
        for (const int bit : layout.bits[i % layout.bits.size()]) {
            bytes = std::max(bytes, i / layout.bits.size() * layout.group_bytes +
                                        static_cast<std::size_t>(bit) / 8 + 1);
        }
    }
    return bytes;
}

std::string random_bytes(Random& random, std::size_t count) {
    std::string bytes(count, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random.below(256));
    return bytes;
}

// Says nothing about checksums, which are not those of random bytes.
template <typename Action>
auto silently(const Action& action) {
    ::testing::internal::CaptureStderr();
    auto result = action();
    ::testing::internal::GetCapturedStderr();
    return result;
}

}  // namespace

TEST(WfdbDecoders, EveryFormatAgreesWithItsLayoutBitByBit) {
    Random random(3, "decoders");
    const std::string bytes = random_bytes(random, 240);
    for (const Layout& layout : layouts()) {
        const WfdbDecoder& decoder = *find_wfdb_decoder(layout.format);
        const std::uint64_t total = decoder.samples_in(bytes.size());
        ASSERT_EQ(total, bytes.size() / layout.group_bytes * layout.bits.size()) << layout.format;
        for (std::uint64_t first = 0; first < 7; ++first) {
            for (std::size_t count : {1, 2, 3, 4, 5, 50}) {
                std::vector<std::int32_t> samples(count);
                decoder.decode(std::as_bytes(std::span(bytes)), first, samples);
                for (std::size_t i = 0; i < count; ++i) {
                    ASSERT_EQ(samples[i], slow_sample(layout, bytes, first + i))
                        << layout.format << " " << first + i;
                }
            }
        }
    }
}

TEST(WfdbDecoders, AFileMayEndWhereItsLastSampleDoes) {
    for (const Layout& layout : layouts()) {
        const WfdbDecoder& decoder = *find_wfdb_decoder(layout.format);
        for (std::size_t samples = 0; samples < 20; ++samples) {
            const std::uint64_t bytes = decoder.bytes_for(samples);
            EXPECT_EQ(bytes, slow_bytes_for(layout, samples)) << layout.format << " " << samples;
            EXPECT_GE(decoder.samples_in(bytes), samples);
            if (samples == 0) continue;
            EXPECT_LT(decoder.samples_in(bytes - 1), samples);
        }
    }
}

TEST(WfdbDecoders, FormatsThatAreNotReadHaveNone) {
    EXPECT_EQ(find_wfdb_decoder(0), nullptr);
    EXPECT_EQ(find_wfdb_decoder(17), nullptr);
    TestRecord("x 1 100 3\nx.dat 0\n")
        .fails({"line 2", "signal format 0 is not read", "8, 16, 24", "508, 516, 524"});
    TestRecord("x 1 100 3\nx.dat 213\n").fails({"line 2", "signal format 213 is not read"});
}

TEST(WfdbSignal, AnyInterleavingOfAnyFormatAgreesWithTheSlowWay) {
    // Two signals of one and three samples per frame, the second skewed, behind a preamble.
    Random random(5, "interleaving");
    const std::string bytes = random_bytes(random, 400);
    for (const Layout& layout : layouts()) {
        if (layout.format == 8) continue;  // below
        const std::size_t frames = 17;
        TestRecord record(
            fmt::format("x 2 100 {0}\nx.dat {1}+5\nx.dat {1}x3:2+5\n", frames, layout.format));
        record.with("x.dat", bytes);
        const std::string data = bytes.substr(5);
        const std::int32_t invalid = find_wfdb_decoder(layout.format)->invalid;
        for (std::uint64_t from : {0, 1, 15}) {
            const auto read = record.digital({1, 0, 1}, from);
            ASSERT_EQ(read[0].size(), 3 * (frames - from));
            EXPECT_EQ(read[0], read[2]);
            for (std::size_t i = 0; i < frames - from; ++i) {
                const std::int64_t plain = slow_sample(layout, data, 4 * (from + i));
                ASSERT_EQ(read[1][i], plain == invalid ? wfdb_missing : plain) << layout.format;
                for (std::size_t k = 0; k < 3; ++k) {
                    const std::size_t stored = from + i + 2;
                    const std::int64_t value =
                        stored < frames ? slow_sample(layout, data, 4 * stored + 1 + k) : invalid;
                    ASSERT_EQ(read[0][3 * i + k], value == invalid ? wfdb_missing : value)
                        << layout.format;
                }
            }
        }
    }
}

TEST(WfdbSignal, Format8AddsUpDifferencesPerSignal) {
    TestRecord record("x 2 100 3\nx.dat 8x2 1/mV 8 0 100 0 0 I\nx.dat 8:1 1/mV 8 0 -5 0 0 II\n");
    record.with("x.dat", bytes_of({1, 2, 10, 3, -4, 20, 0x80, 127, -1}));
    using Rows = std::vector<std::vector<std::int32_t>>;
    const auto whole = silently([&] { return record.digital({0, 1}); });
    EXPECT_EQ(whole, (Rows{{101, 103, 106, 102, -26, 101}, {25, 24, wfdb_missing}}));
    EXPECT_EQ(record.digital({0, 1}, 1, 2), (Rows{{106, 102}, {24}}));
    EXPECT_EQ(record.digital({1}, 1), (Rows{{24, wfdb_missing}}));
}

TEST(WfdbSignal, Format8InBlocksGivesWhatItGivesAtOnce) {
    Random random(6, "differences");
    TestRecord record("x 2 100 9000\nx.dat 8:1 1/mV 8 0 7 0 0 I\nx.dat 8 1/mV 8 0 8 0 0 II\n");
    record.with("x.dat", random_bytes(random, 18000));
    const std::vector<std::size_t> both{0, 1};
    const auto whole = silently([&] { return record.digital(both); });
    const WfdbRecord opened(record.header_path());
    std::vector<std::vector<std::int32_t>> parts(2);
    const auto cursor = opened.cursor(both, 3);
    for (const std::uint64_t frames : {1, 4095, 4000, 901}) {
        cursor->next(frames, [&](std::size_t which, const WfdbSignal&,
                                 std::span<const std::int32_t> samples) {
            parts[which].insert(parts[which].end(), samples.begin(), samples.end());
        });
    }
    for (const std::size_t k : both) {
        EXPECT_EQ(parts[k], std::vector(whole[k].begin() + 3, whole[k].end()));
    }
}

TEST(WfdbSignal, SignalsOfSeveralSamplesPerFrameAreGivenAtTheirOwnRate) {
    TestRecord record(
        "x 3 100 4\nx.dat 16x3 1/mV 16 0 0 78 0 I\nx.dat 16 1/mV 16 0 0 90 0 ABP\n"
        "x.dat 16x3 1/mV 16 0 0 138 0 II\n");
    std::string bytes;
    for (int frame = 0; frame < 4; ++frame) {
        for (const int value : {3 * frame + 1, 3 * frame + 2, 3 * frame + 3, 20 + frame}) {
            bytes += bytes_of({value, 0});
        }
        for (int k = 0; k < 3; ++k) bytes += bytes_of({6 + 3 * frame + k, 0});
    }
    record.with("x.dat", bytes);
    const RecordingInfo info = read_ecg_info(record.header_path());
    EXPECT_EQ(info.signals[0].sampling_rate, 300);
    EXPECT_EQ(info.signals[0].samples, 12U);
    EXPECT_EQ(info.signals[1].sampling_rate, 100);
    EXPECT_EQ(info.signals[1].samples, 4U);
    const Recording part = record.read({.leads = {"II", "I"}, .from = 2, .to = 7});
    EXPECT_EQ(part.sampling_rate, 300);
    EXPECT_EQ(part.leads[0].samples, (std::vector<float>{8, 9, 10, 11, 12}));
    EXPECT_EQ(part.leads[1].samples, (std::vector<float>{3, 4, 5, 6, 7}));
    EXPECT_EQ(record.read({.leads = {"ABP"}}).leads[0].samples,
              (std::vector<float>{20, 21, 22, 23}));
    record.fails({"ABP", "300 Hz"}, {.leads = {"I", "ABP"}});
}

TEST(WfdbSignal, SignalsWithoutSamplesAreMissing) {
    TestRecord record("x 2 100 3\nx.dat 16 1/mV 16 0 1 6 0 I\n~ 0 1/mV 16 0 0 0 0 II\n");
    record.with("x.dat", bytes_of({1, 0, 2, 0, 3, 0}));
    const Recording read = record.read();
    EXPECT_EQ(read.leads[0].samples, (std::vector<float>{1, 2, 3}));
    for (const float sample : read.leads[1].samples) EXPECT_TRUE(std::isnan(sample));
    TestRecord("x 1 100\n~ 0 1 1 1 1 1 1 II\n").fails({"layout", "name the record instead"});
    TestRecord("x 1 100 1000000000000000\n~ 0\n").fails({"1e+15 samples", "--from"});
}

TEST(WfdbSignal, TheInvalidCodeOfEachFormatBecomesNan) {
    struct Case {
        int format;
        std::string bytes;  // the code, then the number above it
        float above;
    };
    const std::vector<Case> cases{
        {16, bytes_of({0x00, 0x80, 0x01, 0x80}), -32767},
        {24, bytes_of({0x00, 0x00, 0x80, 0x01, 0x00, 0x80}), -8388607},
        {32, bytes_of({0, 0, 0, 0x80, 1, 0, 0, 0x80}), -2147483647.0F},
        {61, bytes_of({0x80, 0x00, 0x80, 0x01}), -32767},
        {80, bytes_of({0x00, 0x01}), -127},
        {160, bytes_of({0x00, 0x00, 0x01, 0x00}), -32767},
        {212, bytes_of({0x00, 0x88, 0x01}), -2047},
        {310, bytes_of({0x00, 0x04, 0x02, 0x04}), -511},
        {311, bytes_of({0x00, 0x06, 0x08}), -511},
    };
    for (const Case& one : cases) {
        TestRecord record(fmt::format("x 1 100 2\nx.dat {} 1/mV 0 0 0 0 0 I\n", one.format));
        record.with("x.dat", one.bytes);
        const Recording read = silently([&] { return record.read(); });
        EXPECT_TRUE(std::isnan(read.leads[0].samples[0])) << one.format;
        EXPECT_EQ(read.leads[0].samples[1], one.above) << one.format;
    }
    // Differences have no code: every byte counts.
    TestRecord record("x 1 100 2\nx.dat 8 1/mV 0 0 0 0 0 I\n");
    record.with("x.dat", bytes_of({0x80, 0x80}));
    EXPECT_EQ(silently([&] { return record.read(); }).leads[0].samples,
              (std::vector<float>{-128, -256}));
}

TEST(WfdbSignal, GainBaselineAndUnits) {
    TestRecord record(
        "x 4 100 1\nx.dat 16 2(10)/uV 16 0 110 110 0 I\nx.dat 16 0 16 5 105 105 0 II\n"
        "x.dat 16 100(0)/V 16 0 100 100 0 III\nx.dat 16 100(0)/mmHg 16 0 100 100 0 ABP\n");
    record.with("x.dat", bytes_of({110, 0, 105, 0, 100, 0, 100, 0}));
    const Recording read = record.read();
    EXPECT_FLOAT_EQ(read.leads[0].samples[0], 0.05F);
    EXPECT_FLOAT_EQ(read.leads[1].samples[0], 0.5F);
    EXPECT_FLOAT_EQ(read.leads[2].samples[0], 1000.0F);
    EXPECT_FLOAT_EQ(read.leads[3].samples[0], 1.0F);
    EXPECT_TRUE(read.leads[2].in_millivolts);
    EXPECT_FALSE(read.leads[3].in_millivolts);
}

TEST(WfdbSignal, PartsAgreeWithTheWhole) {
    TestRecord record(
        "x 3 100 50\na.dat 212+7 200 12 0 0 0 0 I\na.dat 212+7 200 12 0 0 0 0 II\n"
        "b.dat 16 200 16 0 0 0 0 V1\n");
    Random random(4, "parts");
    std::string a(7 + 150, '\0');
    std::string b(100, '\0');
    for (char& byte : a) byte = static_cast<char>(random.below(256));
    for (char& byte : b) byte = static_cast<char>(random.below(256));
    record.with("a.dat", a).with("b.dat", b);
    ::testing::internal::CaptureStderr();  // the checksums are not those of random bytes
    const Recording whole = record.read();
    ::testing::internal::GetCapturedStderr();
    ASSERT_EQ(whole.samples(), 50U);
    for (std::uint64_t from = 0; from < 50; from += 7) {
        const Recording part = record.read({.leads = {"V1", "II"}, .from = from, .to = from + 11});
        for (std::size_t i = 0; i < part.samples(); ++i) {
            EXPECT_EQ(part.leads[0].samples[i], whole.leads[2].samples[from + i]);
            EXPECT_EQ(part.leads[1].samples[i], whole.leads[1].samples[from + i]);
        }
    }
    record.fails({"samples 50", "0 to 50"}, {.from = 50});
}

TEST(WfdbSignal, ChecksumMismatchIsAWarningThatNamesTheSignal) {
    TestRecord record(
        "x 2 100 2\nx.dat 16 1000/mV 16 0 1 4 0 I\nx.dat 16 1000/mV 16 0 2 99 0 II\n");
    record.with("x.dat", bytes_of({1, 0, 2, 0, 3, 0, 4, 0}));
    ::testing::internal::CaptureStderr();
    record.read();
    const std::string said = ::testing::internal::GetCapturedStderr();
    EXPECT_NE(said.find("checksum mismatch in II (found 6, header says 99)"), std::string::npos)
        << said;
    ::testing::internal::CaptureStderr();
    record.read({.from = 1});
    EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

TEST(WfdbSignal, ChecksumsCountWhatIsStored) {
    // Of the chosen signal only, with all samples of a frame and those that the skew leaves out.
    TestRecord record("x 2 100 3\nx.dat 16x2:1 1/mV 16 0 1 67 0 I\nx.dat 16 1/mV 16 0 9 0 0 II\n");
    record.with("x.dat", bytes_of({1, 0, 2, 0, 9, 0, 4, 0, 8, 0, 9, 0, 16, 0, 32, 0, 9, 0}));
    ::testing::internal::CaptureStderr();
    record.read({.leads = {"I"}});
    const std::string said = ::testing::internal::GetCapturedStderr();
    EXPECT_NE(said.find("I (found 63, header says 67)"), std::string::npos) << said;
    EXPECT_EQ(said.find("II"), std::string::npos) << said;
    // Without a length the header's sums say nothing.
    TestRecord open_ended("x 1 100\nx.dat 16 1/mV 16 0 1 67 0 I\n");
    open_ended.with("x.dat", bytes_of({1, 0, 2, 0}));
    ::testing::internal::CaptureStderr();
    open_ended.read();
    EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

TEST(WfdbSignal, ShortMissingAndForbiddenFilesAreNamed) {
    TestRecord("x 2 100 3\nx.dat 16\nx.dat 16\n")
        .with("x.dat", std::string(10, 'a'))
        .fails({"x.dat", "10 bytes found", "12 expected"});
    TestRecord("x 1 100 1000000000000000\nx.dat 16\n")
        .with("x.dat", "abcd")
        .fails({"x.dat", "4 bytes found", "expected"});
    TestRecord("x 1 100 3\nx.dat 16\n").fails({"x.dat", "x.hea names", "No such file"});
    TestRecord("x 1 100\nx.dat 16\n").fails({"x.dat", "x.hea names", "No such file"});
    TestRecord("x 1 100\nx.dat 16\n").with("x.dat", "").fails({"no samples"});
    TestRecord("x 1 100 3\n../x.dat 16\n").fails({"../x.dat", "own folder"});
    TestRecord("x 1 100 3\n/etc/hostname 16\n").fails({"own folder"});
}

TEST(WfdbSignal, ContradictionsWithinAHeaderAreNamed) {
    TestRecord("x 2 100 3\nx.dat 16\nx.dat 212\n").fails({"line 3", "format 212", "has 16"});
    TestRecord("x 2 100 3\nx.dat 16+2\nx.dat 16+4\n").fails({"byte offset 4"});
    TestRecord("x 3 100 3\na.dat 16\nb.dat 16\na.dat 16\n").fails({"line 4", "consecutive"});
    TestRecord("x 0 100 300\n").fails({"no signals"});
    TestRecord("x 1 100 3\nx.dat 16\n")
        .with("x.dat", "abcdef")
        .fails({"says 100 Hz, but 250 Hz"}, {.sampling_rate = 250});
    TestRecord("x 1 100 3\nx.dat 16\n")
        .with("x.dat", "abcdef")
        .fails({"'mV', but 'uV'"}, {.units = "uV"});
}

TEST(WfdbSignal, DamagedRecordsNeverDoWorseThanAnInputError) {
    const std::string header =
        "x 3 100 40\na.mat 16+24 200(3)/mV 16 0 1 9 0 I\na.mat 16+24 200/mV 16 0 1 9 0 II\n"
        "b.dat 212 200/mV 12 0 1 9 0 V1\n";
    const std::string matlab =
        bytes_of({30, 0, 0, 0, 2, 0, 0, 0, 40, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 'v', 'a', 'l', 0}) +
        std::string(160, 'm');
    int read = 0;
    int refused = 0;
    ::testing::internal::CaptureStderr();  // checksum warnings
    for (std::uint64_t sample = 0; sample < 200; ++sample) {
        Random random(6, "damaged record", 0, sample);
        std::string texts[] = {header, matlab, std::string(60, 'd')};
        std::string& damaged = texts[random.below(3)];
        for (int i = 0; i < 2; ++i) {
            damaged[random.below(damaged.size())] = static_cast<char>(random.below(256));
        }
        if (random.chance(0.2)) damaged.resize(random.below(damaged.size()));
        TestRecord record(texts[0]);
        record.with("a.mat", texts[1]).with("b.dat", texts[2]);
        try {
            record.read();
            ++read;
        } catch (const InputError&) {
            ++refused;
        }
    }
    ::testing::internal::GetCapturedStderr();
    EXPECT_GT(read, 20);
    EXPECT_GT(refused, 20);
}

TEST(Matlab4, ContradictionsWithTheWfdbHeaderAreNamed) {
    const std::string good =
        bytes_of({30, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 'v', 'a', 'l', 0}) +
        bytes_of({1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0});
    const std::string header =
        "x 2 100 3\nx.mat 16+24 1/mV 16 0 1 9 0 I\nx.mat 16+24 1/mV 16 0 2 12 0 II\n";
    const Recording read = TestRecord(header).with("x.mat", good).read();
    EXPECT_EQ(read.leads[1].samples, (std::vector<float>{2, 4, 6}));
    const auto fails = [&](std::size_t at, int value, std::initializer_list<std::string> words) {
        std::string bad = good;
        bad[at] = static_cast<char>(value);
        TestRecord(header).with("x.mat", bad).fails(words);
    };
    fails(0, 20, {"number type 20, expected 30"});
    fails(4, 3, {"3 rows", "2 signals"});
    fails(8, 2, {"2 columns", "3 samples"});
    fails(12, 1, {"complex"});
    fails(16, 5, {"begin at byte 25", "says 24"});
    TestRecord(header).with("x.mat", "short").fails({"too short"});
    TestRecord(header).with("x.mat", "MATLAB 5.0 MAT-file, Platform").fails({"level 5"});
}

TEST(WfdbWriter, WhatIsWrittenIsReadBack) {
    const testing::TemporaryFolder folder;
    Recording recording;
    recording.sampling_rate = 500;
    recording.comments = {"simulated", "age: 61"};
    Random random(5, "writer");
    for (const char* name : {"I", "aVF", "V1"}) {
        Lead lead{name, name, "mV", true, std::vector<float>(1000)};
        for (float& sample : lead.samples) sample = static_cast<float>(random.normal());
        recording.leads.push_back(lead);
    }
    recording.leads[1].samples[0] = std::nanf("");
    recording.leads[1].samples[17] = std::nanf("");
    write_wfdb(folder.path() / "deep/rec_1", recording);

    ::testing::internal::CaptureStderr();
    const Recording back = read_ecg(folder.path() / "deep/rec_1");
    EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");  // checksums hold
    EXPECT_EQ(back.sampling_rate, 500);
    EXPECT_EQ(back.comments, recording.comments);
    for (std::size_t k = 0; k < 3; ++k) {
        EXPECT_EQ(back.leads[k].name, recording.leads[k].name);
        for (std::size_t i = 0; i < 1000; ++i) {
            const float written = recording.leads[k].samples[i];
            if (std::isnan(written)) {
                EXPECT_TRUE(std::isnan(back.leads[k].samples[i]));
            } else {
                ASSERT_NEAR(back.leads[k].samples[i], written, 0.00051);
            }
        }
    }
    EXPECT_EQ(read_wfdb_header(folder.path() / "deep/rec_1.hea").signals[1].initial_value, -32768);
}

TEST(WfdbWriter, WhatCannotBeWrittenIsRefused) {
    const testing::TemporaryFolder folder;
    Recording recording;
    recording.sampling_rate = 500;
    recording.leads = {{"I", "I", "mV", true, {0, 40}}};
    const auto fails = [&](const std::string& name, std::initializer_list<std::string> words) {
        expect_input_error([&] { write_wfdb(folder.path() / name, recording); }, words);
    };
    fails("x", {"lead I, sample 1", "40", "32.767"});
    recording.leads[0].samples[1] = 32.767F;
    write_wfdb(folder.path() / "x", recording);
    fails("a b", {"letters, digits"});
    recording.comments = {"two\nlines"};
    fails("x", {"line break"});
    recording.comments.clear();
    recording.leads.push_back({"II", "II", "mV", true, {0}});
    fails("x", {"II has 1", "I has 2"});
    recording.leads.clear();
    fails("x", {"no samples"});
}

}  // namespace clef
