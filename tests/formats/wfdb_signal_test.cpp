#include "formats/wfdb_signal.hpp"

#include <cmath>
#include <fstream>
#include <gtest/gtest.h>
#include <numeric>

#include "base/random.hpp"
#include "formats/ecg_file.hpp"
#include "formats/expect_input_error.hpp"
#include "formats/matlab4.hpp"
#include "formats/wfdb_decoders.hpp"
#include "formats/wfdb_writer.hpp"
#include "shared.hpp"

namespace clef {

using testing::expect_input_error;

namespace {

std::string bytes_of(std::initializer_list<int> values) {
    std::string bytes;
    for (const int value : values) bytes += static_cast<char>(value);
    return bytes;
}

// A record "x" whose header and files are given as text.
class Record {
  public:
    explicit Record(const std::string& header) { with("x.hea", header); }
    Record& with(const std::string& name, const std::string& bytes) {
        std::ofstream(folder_.path() / name, std::ios::binary) << bytes;
        return *this;
    }
    Recording read(const ReadOptions& options = {}) const {
        return read_ecg(folder_.path() / "x", options);
    }
    void fails(std::initializer_list<std::string> words, const ReadOptions& options = {}) const {
        expect_input_error([&] { read(options); }, words);
    }

  private:
    testing::TemporaryFolder folder_;
};

// One sample of format 212 the slow way: as bits of a little-endian stream per pair.
std::int32_t slow_212(const std::string& bytes, std::size_t index) {
    const auto byte = [&](std::size_t i) {
        return static_cast<int>(static_cast<unsigned char>(bytes[i]));
    };
    const std::size_t at = index / 2 * 3;
    const int value = index % 2 == 0 ? byte(at) + 256 * (byte(at + 1) % 16)
                                     : byte(at + 2) + 256 * (byte(at + 1) / 16);
    return value >= 2048 ? value - 4096 : value;
}

}  // namespace

TEST(WfdbSignal, Format212AgreesWithTheSlowWayForAnyInterleaving) {
    Random random(3, "format 212");
    std::string bytes(300, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random.below(256));
    const WfdbDecoder& decoder = *find_wfdb_decoder(212);
    EXPECT_EQ(decoder.samples_in(bytes.size()), 200U);
    EXPECT_EQ(decoder.samples_in(5), 3U);
    EXPECT_EQ(decoder.bytes_for(3), 5U);
    for (const std::uint64_t stride : {1, 2, 3, 7}) {
        for (std::uint64_t first = 0; first < 2 * stride; ++first) {
            std::vector<std::int32_t> samples((200 - first + stride - 1) / stride);
            decoder.decode(std::as_bytes(std::span(bytes)), first, stride, samples);
            for (std::size_t i = 0; i < samples.size(); ++i) {
                ASSERT_EQ(samples[i], slow_212(bytes, first + i * stride));
            }
        }
    }
}

TEST(WfdbSignal, InvalidCodesBecomeNan) {
    Record record("x 2 100 2\na.dat 16 1000/mV 16 0 0 0 0 I\nb.dat 212 1000/mV 12 0 0 0 0 II\n");
    record.with("a.dat", bytes_of({0x00, 0x80, 0x01, 0x80}));
    record.with("b.dat", bytes_of({0x00, 0x88, 0x01}));
    const Recording read = record.read({.from = 0, .to = 1});
    EXPECT_TRUE(std::isnan(read.leads[0].samples[0]));
    EXPECT_TRUE(std::isnan(read.leads[1].samples[0]));
    const Recording rest = record.read({.from = 1});
    EXPECT_FLOAT_EQ(rest.leads[0].samples[0], -32.767F);
    EXPECT_FLOAT_EQ(rest.leads[1].samples[0], -2.047F);
}

TEST(WfdbSignal, GainBaselineAndUnits) {
    Record record(
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
    Record record(
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
    Record record("x 2 100 2\nx.dat 16 1000/mV 16 0 1 4 0 I\nx.dat 16 1000/mV 16 0 2 99 0 II\n");
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

TEST(WfdbSignal, ShortMissingAndForbiddenFilesAreNamed) {
    Record("x 2 100 3\nx.dat 16\nx.dat 16\n")
        .with("x.dat", std::string(10, 'a'))
        .fails({"x.dat", "10 bytes found", "12 expected"});
    Record("x 1 100 1000000000000000\nx.dat 16\n")
        .with("x.dat", "abcd")
        .fails({"x.dat", "4 bytes found", "expected"});
    Record("x 1 100 3\nx.dat 16\n").fails({"x.dat", "No such file"});
    Record("x 1 100\nx.dat 16\n").fails({"x.dat", "No such file"});
    Record("x 1 100\nx.dat 16\n").with("x.dat", "").fails({"no samples"});
    Record("x 1 100 3\n../x.dat 16\n").fails({"../x.dat", "own folder"});
    Record("x 1 100 3\n/etc/hostname 16\n").fails({"own folder"});
    Record("x 1 100 3\n~ 0 1 1 1 1 1 1 II\n").fails({"signal 'II' has no samples", "layout"});
}

TEST(WfdbSignal, LayoutsThatAreNotReadAreNamed) {
    Record("x 2 100 3\nx.dat 16\nx.dat 212\n").fails({"line 3", "format 212", "has 16"});
    Record("x 2 100 3\nx.dat 16+2\nx.dat 16+4\n").fails({"byte offset 4"});
    Record("x 1 100 3\nx.dat 16x2 1 1 1 1 1 1 ECG\n").fails({"2 samples per frame", "ECG"});
    Record("x 1 100 3\nx.dat 16:5 1 1 1 1 1 1 ECG\n").fails({"skew of 5", "ECG"});
    Record("x 3 100 3\na.dat 16\nb.dat 16\na.dat 16\n").fails({"line 4", "consecutive"});
    Record("x/2 3 100 300\na 100\nb 200\n").fails({"multi-segment", "2 segments"});
    Record("x 0 100 300\n").fails({"no signals"});
    Record("x 1 100 3\nx.dat 16\n")
        .with("x.dat", "abcdef")
        .fails({"says 100 Hz, but 250 Hz"}, {.sampling_rate = 250});
    Record("x 1 100 3\nx.dat 16\n")
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
        Record record(texts[0]);
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
    const Recording read = Record(header).with("x.mat", good).read();
    EXPECT_EQ(read.leads[1].samples, (std::vector<float>{2, 4, 6}));
    const auto fails = [&](std::size_t at, int value, std::initializer_list<std::string> words) {
        std::string bad = good;
        bad[at] = static_cast<char>(value);
        Record(header).with("x.mat", bad).fails(words);
    };
    fails(0, 20, {"number type 20, expected 30"});
    fails(4, 3, {"3 rows", "2 signals"});
    fails(8, 2, {"2 columns", "3 samples"});
    fails(12, 1, {"complex"});
    fails(16, 5, {"begin at byte 25", "says 24"});
    Record(header).with("x.mat", "short").fails({"too short"});
    Record(header).with("x.mat", "MATLAB 5.0 MAT-file, Platform").fails({"level 5"});
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
