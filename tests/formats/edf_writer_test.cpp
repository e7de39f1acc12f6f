// What is written is read back by EDFlib itself, the reader that others use.
#include "formats/edf_writer.hpp"

#include <cmath>
#include <edflib.h>
#include <gtest/gtest.h>
#include <memory>

#include "base/random.hpp"
#include "formats/ecg_reader.hpp"
#include "formats/edf_layout.hpp"
#include "formats/expect_input_error.hpp"
#include "shared.hpp"

namespace clef {

using testing::expect_input_error;

namespace {

DigitalRecording noise(double rate, std::size_t samples, double gain, std::int64_t baseline) {
    DigitalRecording recording;
    recording.source = "noise";
    recording.sampling_rate = rate;
    Random random(11, "edf");
    for (const char* label : {"I", "aVF"}) {
        DigitalSignal signal{label, "mV", gain, baseline, 12, 0, {}};
        for (std::size_t i = 0; i < samples; ++i) {
            signal.samples.push_back(static_cast<std::int32_t>(random.below(4001)) - 2000 +
                                     static_cast<std::int32_t>(baseline));
        }
        recording.signals.push_back(signal);
    }
    return recording;
}

// The file through EDFlib.
class Peer {
  public:
    explicit Peer(const std::filesystem::path& path) : header_(new edf_hdr_struct) {
        EXPECT_EQ(edfopen_file_readonly(path.c_str(), header_.get(), EDFLIB_READ_ALL_ANNOTATIONS),
                  0)
            << header_->filetype;
    }
    ~Peer() { edfclose_file(header_->handle); }
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;

    const edf_hdr_struct& header() const { return *header_; }
    std::vector<int> digital(int signal) const {
        std::vector<int> samples(
            static_cast<std::size_t>(header_->signalparam[signal].smp_in_file));
        edfread_digital_samples(header_->handle, signal, static_cast<int>(samples.size()),
                                samples.data());
        return samples;
    }
    std::vector<double> physical(int signal) const {
        edfrewind(header_->handle, signal);
        std::vector<double> samples(
            static_cast<std::size_t>(header_->signalparam[signal].smp_in_file));
        edfread_physical_samples(header_->handle, signal, static_cast<int>(samples.size()),
                                 samples.data());
        return samples;
    }
    edf_annotation_struct annotation(int i) const {
        edf_annotation_struct annotation{};
        EXPECT_EQ(edf_get_annotation(header_->handle, i, &annotation), 0);
        return annotation;
    }

  private:
    std::unique_ptr<edf_hdr_struct> header_;
};

}  // namespace

TEST(EdfWriter, DigitalValuesAreKeptAndPhysicalOnesExact) {
    const testing::TemporaryFolder folder;
    for (const auto& [gain, baseline] : {std::pair{200.0, 1024}, {1716.0, 6}, {-64.02, 4}}) {
        DigitalRecording recording = noise(500, 5000, gain, baseline);
        recording.base_time = "17:27:45";
        recording.base_date = "15/08/1994";
        const EdfLosses losses = write_edf(folder.path() / "x.edf", recording, {});
        EXPECT_EQ(losses.samples_added, 0U);
        EXPECT_EQ(losses.largest_difference, 0);
        EXPECT_FALSE(losses.start_date_left_out);
        const Peer peer(folder.path() / "x.edf");
        EXPECT_EQ(peer.header().filetype, EDFLIB_FILETYPE_EDFPLUS);
        EXPECT_EQ(peer.header().startdate_year, 1994);
        EXPECT_EQ(peer.header().starttime_minute, 27);
        EXPECT_EQ(peer.header().datarecord_duration, EDFLIB_TIME_DIMENSION);
        ASSERT_EQ(peer.header().edfsignals, 2);
        EXPECT_EQ(std::string(peer.header().signalparam[1].label), "aVF             ");
        for (int lead = 0; lead < 2; ++lead) {
            const DigitalSignal& signal = recording.signals[static_cast<std::size_t>(lead)];
            EXPECT_EQ(peer.digital(lead), signal.samples);
            const auto physical = peer.physical(lead);
            for (std::size_t i = 0; i < physical.size(); ++i) {
                ASSERT_NEAR(physical[i], signal.physical(signal.samples[i]), 1e-9);
            }
        }
    }
}

TEST(EdfWriter, AGainThatEightCharactersCannotExpressIsMeasured) {
    const testing::TemporaryFolder folder;
    const DigitalRecording recording = noise(500, 1000, 2963.7731, 0);
    const EdfLosses losses = write_edf(folder.path() / "x.edf", recording, {});
    EXPECT_GT(losses.largest_difference, 0);
    EXPECT_LT(losses.largest_difference, 1e-4);
    const Peer peer(folder.path() / "x.edf");
    const auto physical = peer.physical(0);
    double largest = 0;
    for (std::size_t i = 0; i < physical.size(); ++i) {
        const DigitalSignal& signal = recording.signals[0];
        largest = std::max(largest, std::abs(physical[i] - signal.physical(signal.samples[i])));
    }
    EXPECT_LE(largest, losses.largest_difference + 1e-12);
    EXPECT_GT(largest, losses.largest_difference / 2);
}

TEST(EdfWriter, AnnotationsKeepTimeDurationAndText) {
    const testing::TemporaryFolder folder;
    std::vector<Annotation> annotations;
    for (int i = 0; i < 100; ++i) {  // more than data records
        annotations.push_back({37 * i, 37 * i / 360.0, "N", 0, 0, 0, "", 0});
    }
    annotations[1] = {37, 37 / 360.0, "+", 0, 0, 0, "(AFIB", 0};
    annotations[2] = {74, 74 / 360.0, note_symbol, 0, 0, 0, "Bläuung " + std::string(40, 'x'), 2.5};
    annotations.push_back({-3, -3 / 360.0, "N", 0, 0, 0, "", 0});
    const EdfLosses losses =
        write_edf(folder.path() / "x.edf", noise(360, 3600, 200, 0), annotations);
    EXPECT_EQ(losses.texts_cut, 1U);
    EXPECT_EQ(losses.annotations_left_out, 1U);
    const Peer peer(folder.path() / "x.edf");
    ASSERT_EQ(peer.header().annotations_in_file, 100);
    for (int i = 0; i < 100; ++i) {
        const double seconds =
            static_cast<double>(peer.annotation(i).onset) / EDFLIB_TIME_DIMENSION;
        EXPECT_EQ(std::llround(seconds * 360), 37 * i);
    }
    EXPECT_STREQ(peer.annotation(0).annotation, "N");
    EXPECT_STREQ(peer.annotation(1).annotation, "+ (AFIB");
    EXPECT_EQ(std::string(peer.annotation(2).annotation), "Bläuung " + std::string(31, 'x'));
    EXPECT_EQ(peer.annotation(2).duration_l, 25'000'000);
    // And by our own reader.
    EXPECT_EQ(open_ecg(folder.path() / "x.edf")->annotations().size(), 100U);
}

TEST(EdfWriter, ManyAnnotationsInAShortRecordingAreAllKept) {
    const testing::TemporaryFolder folder;
    std::vector<Annotation> annotations;
    for (int i = 0; i < 800; ++i)
        annotations.push_back({6 * i, 6 * i / 500.0, "N", 0, 0, 0, "", 0});
    write_edf(folder.path() / "x.edf", noise(500, 5000, 200, 0), annotations);
    const Peer peer(folder.path() / "x.edf");
    EXPECT_EQ(peer.header().annotations_in_file, 800);
    EXPECT_EQ(peer.header().signalparam[0].smp_in_file, 5000);
}

TEST(EdfWriter, RecordsAreLaidOutSoThatLittleIsAdded) {
    const auto second = edf_record_layout(500, 5000, 12);
    ASSERT_TRUE(second);
    EXPECT_EQ(second->duration, 100000);
    const auto half = edf_record_layout(500, 5250, 12);  // 10.5 s
    ASSERT_TRUE(half);
    EXPECT_EQ(half->samples_added, 0U);
    // 650000 samples at 360 Hz: records of whole 10 µs are multiples of 9 samples.
    const auto mit = edf_record_layout(360, 650000, 2);
    ASSERT_TRUE(mit);
    EXPECT_EQ(mit->sampling_rate, 360);
    EXPECT_GT(mit->samples_added, 0U);
    const auto watch = edf_record_layout(512.844, 15387, 1);
    ASSERT_TRUE(watch);
    EXPECT_NEAR(watch->sampling_rate, 512.844, 1e-6 * 512.844);
    EXPECT_FALSE(edf_record_layout(0.001, 100, 1));
    // Room for many annotations: shorter records.
    const auto dense = edf_record_layout(500, 5000, 12, 13);
    ASSERT_TRUE(dense);
    EXPECT_GE(dense->records, 13U);
    EXPECT_EQ(dense->samples_added, 0U);
}

TEST(EdfWriter, WhatEdfCannotHoldIsRefused) {
    const testing::TemporaryFolder folder;
    const auto path = folder.path() / "x.edf";
    DigitalRecording recording = noise(500, 1000, 200, 0);
    recording.signals[1].samples[17] = wfdb_missing;
    expect_input_error([&] { write_edf(path, recording, {}); }, {"lead aVF, sample 17", "--from"});
    recording.signals[1].samples[17] = 40000;
    expect_input_error([&] { write_edf(path, recording, {}); }, {"lead aVF, sample 17", "163.835"});
    recording.signals[1].samples[17] = 0;
    EXPECT_NO_THROW(write_edf(path, recording, {}));
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
        EXPECT_EQ(entry.path().filename(), "x.edf");  // nothing half-written is left
        ++files;
    }
    EXPECT_EQ(files, 1U);
}

}  // namespace clef
