#include <cmath>
#include <edflib.h>
#include <gtest/gtest.h>

#include "base/file.hpp"
#include "formats/ecg_file.hpp"
#include "formats/ecg_reader.hpp"
#include "formats/edf_header.hpp"
#include "formats/expect_input_error.hpp"
#include "formats/units.hpp"
#include "shared.hpp"

namespace clef {

using testing::expect_input_error;
using testing::shared_folder;
using testing::TemporaryFolder;

namespace {

// A field of an EDF header: text, padded with blanks.
std::string field(std::string text, std::size_t width) {
    text.resize(width, ' ');
    return text;
}

struct Signal {
    std::string label = "ECG I";
    std::string unit = "uV";
    std::string physical_minimum = "-1000";
    std::string physical_maximum = "1000";
    std::string digital_minimum = "-2000";
    std::string digital_maximum = "2000";
    std::size_t samples = 4;
};

// An EDF file written field by field, as the specification's table lists them.
struct EdfFile {
    std::string version = field("0", 8);
    std::string kind;
    std::string records = "2";
    std::string duration = "2";
    std::vector<Signal> signals{Signal{}};
    std::string data;

    std::string bytes() const {
        const std::size_t count = signals.size();
        std::string text = version + field("M-1 F 02-MAY-1951 X", 80) + field("Startdate X", 80) +
                           "10.12.0912.44.02" + field(std::to_string(256 * (count + 1)), 8) +
                           field(kind, 44) + field(records, 8) + field(duration, 8) +
                           field(std::to_string(count), 4);
        const auto each = [&](auto value, std::size_t width) {
            for (const Signal& signal : signals) text += field(value(signal), width);
        };
        each([](const Signal& s) { return s.label; }, 16);
        each([](const Signal&) { return "AgAgCl electrode"; }, 80);
        each([](const Signal& s) { return s.unit; }, 8);
        each([](const Signal& s) { return s.physical_minimum; }, 8);
        each([](const Signal& s) { return s.physical_maximum; }, 8);
        each([](const Signal& s) { return s.digital_minimum; }, 8);
        each([](const Signal& s) { return s.digital_maximum; }, 8);
        each([](const Signal&) { return ""; }, 80);
        each([](const Signal& s) { return std::to_string(s.samples); }, 8);
        each([](const Signal&) { return ""; }, 32);
        return text + data;
    }
    std::filesystem::path write(const TemporaryFolder& folder) const {
        write_file(folder.path() / "x.edf", bytes());
        return folder.path() / "x.edf";
    }
};

std::string little_endian(std::initializer_list<int> samples, std::size_t bytes = 2) {
    std::string text;
    for (const int sample : samples) {
        for (std::size_t i = 0; i < bytes; ++i) text += static_cast<char>(sample >> (8 * i) & 0xFF);
    }
    return text;
}

// The same file as EDFlib reads it: annotation signals left out, values in the file's units.
struct Peer {
    explicit Peer(const std::filesystem::path& path) {
        const int failed =
            edfopen_file_readonly(path.c_str(), &header, EDFLIB_READ_ALL_ANNOTATIONS);
        EXPECT_EQ(failed, 0) << path;
    }
    ~Peer() { edfclose_file(header.handle); }
    std::vector<double> physical(int signal) {
        std::vector<double> values(
            static_cast<std::size_t>(header.signalparam[signal].smp_in_file));
        edfrewind(header.handle, signal);
        EXPECT_EQ(edfread_physical_samples(header.handle, signal, static_cast<int>(values.size()),
                                           values.data()),
                  static_cast<int>(values.size()));
        return values;
    }
    edf_hdr_struct header{};
};

// A copy whose header is 7-bit text, for EDFlib, which refuses "µV" and "°" in Latin-1.
std::filesystem::path in_seven_bits(const TemporaryFolder& folder,
                                    const std::filesystem::path& path) {
    std::string text = read_text_file(path);
    const std::size_t header = 256 * (1 + std::stoul(text.substr(252, 4)));
    for (std::size_t i = 0; i < header; ++i) {
        if (static_cast<unsigned char>(text[i]) > 126) text[i] = '?';
    }
    write_file(folder.path() / path.filename(), text);
    return folder.path() / path.filename();
}

void expect_same_signals(const std::filesystem::path& path,
                         const std::filesystem::path& path_for_peer) {
    Peer peer(path_for_peer);
    const auto reader = open_ecg(path);
    const RecordingInfo& info = reader->info();
    ASSERT_EQ(static_cast<int>(info.signals.size()), peer.header.edfsignals);
    for (std::size_t i = 0; i < info.signals.size(); ++i) {
        const SignalInfo& signal = info.signals[i];
        const std::vector<double> expected = peer.physical(static_cast<int>(i));
        ASSERT_EQ(signal.samples, expected.size());
        const std::size_t which[] = {i};
        const Lead lead = reader->read(which, 0, signal.samples).front();
        const double unit = millivolts_per(signal.unit).value_or(1.0);
        for (std::size_t k = 0; k < expected.size(); ++k) {
            ASSERT_FLOAT_EQ(lead.samples[k], static_cast<float>(expected[k] * unit))
                << signal.label << " " << k;
        }
    }
}

// Written by EDFlib: signals of 200, 50 and 1000 Hz, annotations, `bdf`: 24 bit.
std::filesystem::path write_with_peer(const TemporaryFolder& folder, bool bdf) {
    const auto path = folder.path() / (bdf ? "peer.bdf" : "peer.edf");
    const int file = edfopen_file_writeonly(
        path.c_str(), bdf ? EDFLIB_FILETYPE_BDFPLUS : EDFLIB_FILETYPE_EDFPLUS, 3);
    EXPECT_GE(file, 0);
    const int rates[] = {200, 50, 1000};
    const int limit = bdf ? 8388607 : 32767;
    for (int i = 0; i < 3; ++i) {
        edf_set_samplefrequency(file, i, rates[i]);
        edf_set_physical_maximum(file, i, 3.2 + i);
        edf_set_physical_minimum(file, i, -1.7 * (i + 1));
        edf_set_digital_maximum(file, i, limit);
        edf_set_digital_minimum(file, i, -limit - 1 + i);
        edf_set_label(file, i, i == 0 ? "ECG II" : i == 1 ? "Resp" : "V5");
        edf_set_physical_dimension(file, i, i == 1 ? "Ohm" : "mV");
    }
    int state = 1;
    for (int record = 0; record < 7; ++record) {
        for (const int rate : rates) {
            std::vector<int> samples(static_cast<std::size_t>(rate));
            for (int& sample : samples) {
                state = (state * 1103 + 12345) % 65521;
                sample = (state - 32760) * (bdf ? 250 : 1) % limit;
            }
            edfwrite_digital_samples(file, samples.data());
        }
    }
    edfwrite_annotation_utf8(file, 12500, -1, "no duration");
    edfwrite_annotation_utf8(file, 33000, 5000, "half a second, \xC2\xB5");
    EXPECT_EQ(edfclose_file(file), 0);
    return path;
}

std::string tal(const std::string& time, std::size_t width, const std::string& more = "") {
    std::string text = time + "\x14\x14" + std::string(1, '\0') + more;
    text.resize(width, '\0');
    return text;
}

// EDF+D: records of 4 samples in 2 s that begin at the given times, samples 1 2 3 4, 5 6 7 8, …
EdfFile discontinuous(const std::vector<std::string>& times) {
    EdfFile file;
    file.kind = "EDF+D";
    file.signals.push_back({"EDF Annotations", "", "-1", "1", "-32768", "32767", 10});
    file.records = std::to_string(times.size());
    int sample = 0;
    for (const std::string& time : times) {
        file.data += little_endian({sample + 1, sample + 2, sample + 3, sample + 4});
        file.data += tal(time, 20);
        sample += 4;
    }
    return file;
}

}  // namespace

TEST(Edf, RealFilesHaveTheSamplesThatEdflibReads) {
    CLEF_REQUIRE_SHARED("data/wfdb-formats");
    const TemporaryFolder folder;
    const auto path = shared_folder() / "data/wfdb-formats/test_generator_2.edf";
    expect_same_signals(path, in_seven_bits(folder, path));
    const RecordingInfo info = read_ecg_info(path);
    EXPECT_EQ(info.units[8], "\xC2\xB0");
    EXPECT_EQ(info.format, "EDF+C");  // the file itself was named; its WFDB header lies beside it
    EXPECT_EQ(info.start, "12:44:02 10/12/2009");
    EXPECT_EQ(info.leads[3], "ECG");
    EXPECT_EQ(info.sampling_rate, 200);
    EXPECT_EQ(info.samples, 120000U);
}

TEST(Edf, AnnotationsAreThoseThatEdflibReads) {
    CLEF_REQUIRE_SHARED("data/wfdb-formats");
    for (const char* name : {"test_edfann.edf", "test_generator_2.edf"}) {
        const TemporaryFolder folder;
        const auto path = shared_folder() / "data/wfdb-formats" / name;
        Peer peer(in_seven_bits(folder, path));
        const std::vector<Annotation> annotations = open_ecg(path)->annotations();
        ASSERT_EQ(static_cast<long long>(annotations.size()), peer.header.annotations_in_file);
        for (int i = 0; i < peer.header.annotations_in_file; ++i) {
            edf_annotation_struct expected{};
            edf_get_annotation(peer.header.handle, i, &expected);
            const Annotation& found = annotations[static_cast<std::size_t>(i)];
            EXPECT_NEAR(found.seconds, static_cast<double>(expected.onset) / 1e7, 1e-6) << i;
            EXPECT_EQ(found.text, expected.annotation);
            const double duration = static_cast<double>(expected.duration_l) / 1e7;
            EXPECT_NEAR(found.duration, std::max(0.0, duration), 1e-6);
        }
    }
}

TEST(Edf, FilesWithoutSignalsSaySo) {
    CLEF_REQUIRE_SHARED("data/wfdb-formats");
    const auto path = shared_folder() / "data/wfdb-formats/test_edfann.edf";
    EXPECT_TRUE(read_ecg_info(path).signals.empty());
    expect_input_error([&] { read_ecg(path); }, {"test_edfann.edf", "no signals"});
}

TEST(Edf, SignalsOfSeveralRatesAsEdflibWritesThem) {
    const TemporaryFolder folder;
    for (const bool bdf : {false, true}) {
        const auto path = write_with_peer(folder, bdf);
        expect_same_signals(path, path);
        const auto reader = open_ecg(path);
        const RecordingInfo& info = reader->info();
        EXPECT_EQ(info.format, bdf ? "BDF+C" : "EDF+C");
        EXPECT_EQ(info.leads, (std::vector<std::string>{"II", "Resp", "V5"}));
        EXPECT_EQ(info.signals[1].sampling_rate, 50);
        EXPECT_EQ(info.sampling_rate, 200);
        // Without names: the signals of the first ECG lead's rate.
        EXPECT_EQ(read_ecg(path).leads.size(), 1U);
        EXPECT_EQ(read_ecg(path, {.leads = {"v5"}}).sampling_rate, 1000);
        expect_input_error([&] { read_ecg(path, {.leads = {"II", "V5"}}); }, {"200 Hz", "1000 Hz"});

        const std::vector<Annotation> annotations = reader->annotations();
        ASSERT_EQ(annotations.size(), 2U);
        EXPECT_NEAR(annotations[0].seconds, 1.25, 1e-9);
        EXPECT_EQ(annotations[0].sample, 250);
        EXPECT_EQ(annotations[1].text, "half a second, \xC2\xB5");
        EXPECT_NEAR(annotations[1].duration, 0.5, 1e-9);
    }
}

TEST(Edf, PartsAreTheSameSamplesAsTheWhole) {
    const TemporaryFolder folder;
    const auto path = write_with_peer(folder, false);
    const std::vector<float> whole = read_ecg(path).leads[0].samples;
    for (const auto& [from, to] : {std::pair{0, 1}, {199, 201}, {137, 1113}, {1399, 1400}}) {
        const Recording part = read_ecg(
            path, {.from = static_cast<std::uint64_t>(from), .to = static_cast<std::uint64_t>(to)});
        EXPECT_EQ(part.leads[0].samples,
                  std::vector<float>(whole.begin() + from, whole.begin() + to));
    }
}

TEST(Edf, ValuesFollowTheTwoRanges) {
    const TemporaryFolder folder;
    EdfFile file;
    // −1000 … 1000 uV for −2000 … 2000; −32768 is outside, and means a missing sample.
    file.data = little_endian({-2000, 2000, 1, 0, 2100, -32768, -1, 7});
    const Recording recording = read_ecg(file.write(folder));
    EXPECT_EQ(recording.sampling_rate, 2);
    const std::vector<float>& samples = recording.leads[0].samples;
    EXPECT_FLOAT_EQ(samples[0], -1);
    EXPECT_FLOAT_EQ(samples[1], 1);
    EXPECT_FLOAT_EQ(samples[2], 0.0005F);
    EXPECT_FLOAT_EQ(samples[4], 1.05F);
    EXPECT_TRUE(std::isnan(samples[5]));
    EXPECT_EQ(recording.comments[0], "patient: M-1 F 02-MAY-1951 X");

    // An inverted physical range turns the signal upside down; it is no fault.
    std::swap(file.signals[0].physical_minimum, file.signals[0].physical_maximum);
    EXPECT_FLOAT_EQ(read_ecg(file.write(folder)).leads[0].samples[0], 1);
}

TEST(Edf, FieldsAsSloppyWritersFillThem) {
    const TemporaryFolder folder;
    EdfFile file;
    file.data = little_endian({-2000, 0, 0, 0, 0, 0, 0, 2000});
    file.signals[0].unit = "\xB5V";  // Latin-1
    file.signals[0].physical_minimum = "-1000,0";
    file.signals[0].physical_maximum = " 1000.0";
    file.signals[0].digital_minimum = "  -2000";
    file.signals[0].digital_maximum = std::string("2000\0\0", 6);
    file.records = "-1";  // never closed: as many as there are
    const Recording recording = read_ecg(file.write(folder));
    EXPECT_EQ(recording.samples(), 8U);
    EXPECT_EQ(recording.leads[0].unit, "\xC2\xB5V");
    EXPECT_TRUE(recording.leads[0].in_millivolts);
    EXPECT_FLOAT_EQ(recording.leads[0].samples[7], 1);
}

TEST(Edf, BiosemiSamplesHaveThreeBytes) {
    const TemporaryFolder folder;
    EdfFile file;
    file.version =
        "\xFF"
        "BIOSEMI";
    file.kind = "24BIT";
    file.signals[0] = {"A1", "uV", "-262144", "262143", "-8388608", "8388607", 2};
    file.data = little_endian({-8388608, 8388607, 32, -32}, 3);
    const Recording recording = read_ecg(file.write(folder));
    EXPECT_FLOAT_EQ(recording.leads[0].samples[0], -262.144F);
    EXPECT_FLOAT_EQ(recording.leads[0].samples[1], 262.143F);
    EXPECT_NEAR(recording.leads[0].samples[2] - recording.leads[0].samples[3], 0.002, 1e-6);
    EXPECT_EQ(read_ecg_info(folder.path() / "x.edf").format, "BDF");
}

TEST(Edf, GapsBetweenRecordsAreMissingSamples) {
    const TemporaryFolder folder;
    const auto path = discontinuous({"+0.5", "+2.5", "+9.5"}).write(folder);
    const Recording recording = read_ecg(path);
    EXPECT_EQ(read_ecg_info(path).format, "EDF+D");
    const std::vector<float>& samples = recording.leads[0].samples;
    ASSERT_EQ(samples.size(), 22U);  // 11 s at 2 Hz
    for (std::size_t i = 0; i < 22; ++i) {
        if (i >= 8 && i < 18) {
            EXPECT_TRUE(std::isnan(samples[i])) << i;
        } else {
            EXPECT_FLOAT_EQ(samples[i], 0.0005F * static_cast<float>(i < 8 ? i + 1 : i - 9)) << i;
        }
    }
    const Recording part = read_ecg(path, {.from = 6, .to = 19});
    EXPECT_FLOAT_EQ(part.leads[0].samples[1], 0.004F);
    EXPECT_TRUE(std::isnan(part.leads[0].samples[2]));
    EXPECT_FLOAT_EQ(part.leads[0].samples[12], 0.0045F);
}

TEST(Edf, RecordsThatCannotFollowEachOtherAreRefused) {
    const TemporaryFolder folder;
    expect_input_error(
        [&] {
            read_ecg(discontinuous({"+0", "+1"}).write(folder));
        },
        {"record 2", "before record 1 ends"});
    expect_input_error(
        [&] {
            read_ecg(discontinuous({"+0", "later"}).write(folder));
        },
        {"record 2", "does not say when it begins", "byte 804"});
    // A century between two records of 4 samples: described at once, not read at once.
    const auto path = discontinuous({"+0", "+3000000000"}).write(folder);
    EXPECT_EQ(read_ecg_info(path).samples, 6000000004U);
    expect_input_error([&] { read_ecg(path); }, {"gaps", "shorter"});
    EXPECT_FLOAT_EQ(read_ecg(path, {.from = 6000000000U}).leads[0].samples[0], 0.0025F);
}

TEST(Edf, FaultsNameTheirFieldAndByte) {
    const TemporaryFolder folder;
    const auto fails = [&](auto change, std::initializer_list<std::string> words) {
        EdfFile file;
        file.data = little_endian({1, 2, 3, 4, 5, 6, 7, 8});
        change(file);
        const auto path = file.write(folder);
        expect_input_error([&] { read_ecg(path); }, words);
    };
    fails([](EdfFile& f) { f.data.pop_back(); }, {"15 bytes", "16 expected", "cut off"});
    fails([](EdfFile& f) { f.records = "99999999"; }, {"cut off"});
    fails([](EdfFile& f) { f.records = "some"; }, {"byte 236", "'some'"});
    fails([](EdfFile& f) { f.duration = "0"; }, {"byte 244", "above zero"});
    fails([](EdfFile& f) { f.signals[0].samples = 0; }, {"samples per data record", "signal 1"});
    fails([](EdfFile& f) { f.signals[0].physical_maximum = "high"; },
          {"byte 368", "physical maximum of signal 1", "'high'"});
    fails([](EdfFile& f) { f.signals[0].digital_maximum = "-2000"; }, {"ECG I", "no scale"});
    fails([](EdfFile& f) { f.signals[0].physical_maximum = "-1000"; }, {"ECG I", "no scale"});
    fails([](EdfFile& f) { f.kind = "EDF+D"; }, {"EDF Annotations"});
    EdfFile file;
    write_file(folder.path() / "short.edf", file.bytes().substr(0, 300));
    expect_input_error([&] { read_ecg(folder.path() / "short.edf"); }, {"300 bytes", "512"});
}

TEST(Edf, WhatTheUserSaysMayNotContradictTheFile) {
    const TemporaryFolder folder;
    EdfFile file;
    file.data = little_endian({1, 2, 3, 4, 5, 6, 7, 8});
    const auto path = file.write(folder);
    EXPECT_EQ(read_ecg(path, {.sampling_rate = 2, .units = "uV"}).samples(), 8U);
    expect_input_error([&] { read_ecg(path, {.sampling_rate = 250}); }, {"2 Hz", "--fs"});
    expect_input_error([&] { read_ecg(path, {.units = "mV"}); }, {"'uV'", "--units"});
    expect_input_error([&] { read_ecg(path, {.lead_names = {"II"}}); }, {"ECG I", "--lead-names"});
    expect_input_error([&] { read_ecg(path, {.lead_names = {"I", "II"}}); }, {"2 names"});

    file.signals[0].label = "Chan 1";
    file.signals[0].unit = "";
    file.write(folder);
    EXPECT_FALSE(read_ecg(path).leads[0].in_millivolts);
    const Recording named = read_ecg(path, {.units = "uV", .lead_names = {"lead ii"}});
    EXPECT_EQ(named.leads[0].name, "II");
    EXPECT_TRUE(named.leads[0].in_millivolts);
    EXPECT_FLOAT_EQ(named.leads[0].samples[0], 0.0005F);
}

}  // namespace clef
