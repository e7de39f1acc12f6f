#include "formats/wfdb_writer.hpp"

#include <gtest/gtest.h>

#include "base/file.hpp"
#include "base/random.hpp"
#include "formats/expect_input_error.hpp"
#include "formats/wfdb_encoders.hpp"
#include "formats/wfdb_header.hpp"
#include "formats/wfdb_segments.hpp"
#include "shared.hpp"

namespace clef {

using testing::expect_input_error;

namespace {

std::string from_hex(std::string_view hex) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
    }
    return bytes;
}

// Three signals of seven samples, as rows; −2048 is format 212's code for a missing sample.
const std::vector<std::int32_t> rows{-1073, 380,  182,  -1513, -532,  1704,  -2048,
                                     5,     0,    332,  -1779, 433,   -1994, 1675,
                                     1383,  -126, -985, 209,   -1088, -1262, 2031};

DigitalRecording recording_of_rows() {
    DigitalRecording recording;
    recording.source = "rows";
    recording.sampling_rate = 250;
    for (std::size_t i = 0; i < 3; ++i) {
        DigitalSignal signal{"lead", "mV", 200, 0, 12, 0, {}};
        for (std::size_t at = i; at < rows.size(); at += 3) signal.samples.push_back(rows[at]);
        recording.signals.push_back(signal);
    }
    recording.signals[0].samples[2] = wfdb_missing;
    return recording;
}

std::vector<std::vector<std::int32_t>> read_back(const std::filesystem::path& record) {
    const WfdbHeader header = read_wfdb_header(record.string() + ".hea");
    std::vector<std::size_t> all(header.signals.size());
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
    return read_wfdb_digital(header, all, 0, *header.samples);
}

}  // namespace

// The expected bytes and header fields are those of wrsamp (WFDB 10.7) for the same rows.
TEST(WfdbWriter, WritesTheBytesOfTheWfdbSoftware) {
    EXPECT_EQ(encode_wfdb_16(rows), from_hex("cffb7c01b60017faecfda80600f8050000004c010df9b10136f8"
                                             "8b06670582ff27fcd100c0fb12fbef07"));
    EXPECT_EQ(encode_wfdb_212(rows),
              from_hex("cf1b7cb6a017ec6da800080500104c0d19b136688b67f582270cd1c0bb12ef07"));
    const testing::TemporaryFolder folder;
    write_wfdb(folder.path() / "g212", recording_of_rows(), WfdbFormat::format_212);
    EXPECT_EQ(read_text_file(folder.path() / "g212.dat"), encode_wfdb_212(rows));
    EXPECT_EQ(read_text_file(folder.path() / "g212.hea"),
              "g212 3 250 7\n"
              "g212.dat 212 200(0)/mV 12 0 -1073 -7510 0 lead\n"
              "g212.dat 212 200(0)/mV 12 0 380 -2498 0 lead\n"
              "g212.dat 212 200(0)/mV 12 0 182 5942 0 lead\n");
}

TEST(WfdbWriter, EveryFormatGivesTheSameIntegersBack) {
    for (const WfdbFormat format :
         {WfdbFormat::format_16, WfdbFormat::format_212, WfdbFormat::format_516}) {
        const testing::TemporaryFolder folder;
        DigitalRecording recording;
        recording.sampling_rate = 512.844;
        recording.comments = {"a comment"};
        recording.base_time = "17:27:45.125";
        recording.base_date = "15/08/1994";
        Random random(7, "formats");
        for (int lead = 0; lead < 12; ++lead) {
            DigitalSignal signal{"lead " + std::to_string(lead), "mV", 1716.5, -7, 12, 3, {}};
            for (int i = 0; i < 5001; ++i) {
                const auto value = static_cast<std::int32_t>(random.below(4095)) - 2047;
                signal.samples.push_back(random.below(50) == 0 ? wfdb_missing : value);
            }
            recording.signals.push_back(signal);
        }
        write_wfdb(folder.path() / "r", recording, format);
        ::testing::internal::CaptureStderr();
        const auto back = read_back(folder.path() / "r");
        EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");  // checksums hold
        const WfdbHeader header = read_wfdb_header(folder.path() / "r.hea");
        EXPECT_EQ(header.sampling_rate, 512.844);
        EXPECT_EQ(header.base_time, "17:27:45.125");
        EXPECT_EQ(header.base_date, "15/08/1994");
        ASSERT_EQ(back.size(), 12U);
        for (std::size_t i = 0; i < 12; ++i) {
            EXPECT_EQ(back[i], recording.signals[i].samples);
            EXPECT_EQ(header.signals[i].gain, 1716.5);
            EXPECT_EQ(header.signals[i].baseline, -7);
            EXPECT_EQ(header.signals[i].adc_zero, 3);
        }
        const bool is_flac = format == WfdbFormat::format_516;  // eight signals to a file
        EXPECT_EQ(header.signals[8].file, is_flac ? "r_2.dat" : "r.dat");
    }
}

// A FLAC file of wrsamp's for the rows is read as ours is.
TEST(WfdbWriter, FlacFilesSayTheCustomaryRate) {
    const std::string bytes = encode_flac_16(rows, 3);
    ASSERT_GE(bytes.size(), 42U);
    EXPECT_EQ(bytes.substr(0, 4), "fLaC");
    // STREAMINFO: 20 bits of rate (96000 = 0x17700), channels − 1, bits − 1, samples, as wrsamp's.
    EXPECT_EQ(bytes.substr(18, 8), from_hex("177004f000000007"));
    EXPECT_EQ(bytes.substr(26, 16), from_hex("967fb68dece2b3e43e4fe0891bc0362b"));  // MD5
}

TEST(WfdbWriter, SamplesThatDoNotFitAreNamed) {
    const testing::TemporaryFolder folder;
    DigitalRecording recording = recording_of_rows();
    recording.signals[1].samples[4] = 2048;
    expect_input_error([&] { write_wfdb(folder.path() / "x", recording, WfdbFormat::format_212); },
                       {"lead lead, sample 4", "10.24 mV", "2048 units", "10.235", "--resolution"});
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "x.dat"));
    // −2048 itself is the code of a missing sample.
    recording.signals[1].samples[4] = -2048;
    expect_input_error([&] { write_wfdb(folder.path() / "x", recording, WfdbFormat::format_212); },
                       {"-2048 units", "WFDB format 212"});
}

}  // namespace clef
