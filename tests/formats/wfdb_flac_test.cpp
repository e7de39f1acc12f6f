#include "formats/wfdb_flac.hpp"

#include <FLAC/stream_encoder.h>
#include <cmath>
#include <cstring>
#include <gtest/gtest.h>

#include "base/random.hpp"
#include "formats/wfdb_record.hpp"

namespace clef {

using testing::expect_input_error;
using testing::TestRecord;

namespace {

struct Stream {
    unsigned channels;
    unsigned bits;
    std::vector<std::int32_t> samples;  // interleaved
    std::string bytes;
};

// The encoder first writes the beginning, then goes back and corrects it.
struct Sink {
    std::string bytes;
    std::size_t position = 0;
};

FLAC__StreamEncoderWriteStatus write_bytes(const FLAC__StreamEncoder*, const FLAC__byte* data,
                                           std::size_t count, unsigned, unsigned, void* client) {
    Sink& sink = *static_cast<Sink*>(client);
    sink.bytes.resize(std::max(sink.bytes.size(), sink.position + count));
    std::memcpy(sink.bytes.data() + sink.position, data, count);
    sink.position += count;
    return FLAC__STREAM_ENCODER_WRITE_STATUS_OK;
}

FLAC__StreamEncoderSeekStatus seek_bytes(const FLAC__StreamEncoder*, FLAC__uint64 position,
                                         void* client) {
    static_cast<Sink*>(client)->position = position;
    return FLAC__STREAM_ENCODER_SEEK_STATUS_OK;
}

FLAC__StreamEncoderTellStatus tell_bytes(const FLAC__StreamEncoder*, FLAC__uint64* position,
                                         void* client) {
    *position = static_cast<Sink*>(client)->position;
    return FLAC__STREAM_ENCODER_TELL_STATUS_OK;
}

// A random walk within the bits there are.
Stream random_stream(unsigned channels, unsigned bits, std::size_t count) {
    Stream stream{channels, bits, {}, {}};
    Random random(8, "flac", channels, bits);
    const int limit = 1 << (bits - 1);
    std::vector<int> value(channels, 0);
    for (std::size_t i = 0; i < count; ++i) {
        for (int& one : value) {
            one = std::clamp(one + static_cast<int>(random.below(21)) - 10, 1 - limit, limit - 1);
            stream.samples.push_back(one);
        }
    }
    FLAC__StreamEncoder* encoder = FLAC__stream_encoder_new();
    FLAC__stream_encoder_set_channels(encoder, channels);
    FLAC__stream_encoder_set_bits_per_sample(encoder, bits);
    FLAC__stream_encoder_set_sample_rate(encoder, 96000);
    FLAC__stream_encoder_set_blocksize(encoder, 1152);
    Sink sink;
    FLAC__stream_encoder_init_stream(encoder, write_bytes, seek_bytes, tell_bytes, nullptr, &sink);
    FLAC__stream_encoder_process_interleaved(encoder, stream.samples.data(),
                                             static_cast<unsigned>(count));
    FLAC__stream_encoder_finish(encoder);
    FLAC__stream_encoder_delete(encoder);
    stream.bytes = sink.bytes;
    return stream;
}

std::vector<std::int32_t> part_of(const Stream& stream, std::size_t first, std::size_t count) {
    const auto begin =
        stream.samples.begin() + static_cast<std::ptrdiff_t>(first * stream.channels);
    return {begin, begin + static_cast<std::ptrdiff_t>(count * stream.channels)};
}

std::span<const std::byte> bytes_in(const std::string& text) {
    return std::as_bytes(std::span(text));
}

}  // namespace

TEST(WfdbFlac, AnyStretchInAnyOrder) {
    for (const unsigned bits : {8U, 16U, 24U}) {
        const Stream stream = random_stream(3, bits, 20000);
        FlacStream flac(bytes_in(stream.bytes), "x.dat");
        EXPECT_EQ(flac.channels(), 3U);
        EXPECT_EQ(flac.bits_per_sample(), bits);
        EXPECT_EQ(flac.samples(), 20000U);
        for (const std::size_t first : {0, 5, 1000, 1152, 19000, 7, 12345, 12346, 0}) {
            std::vector<std::int32_t> read(3 * 900);
            flac.read(first, read);
            ASSERT_EQ(read, part_of(stream, first, 900)) << bits << " " << first;
        }
        std::vector<std::int32_t> whole(stream.samples.size());
        flac.read(0, whole);
        EXPECT_EQ(whole, stream.samples);
    }
}

TEST(WfdbFlac, ALateStretchDoesNotDecodeWhatLiesBefore) {
    // Damage in the first half goes unseen by whoever reads the second.
    Stream stream = random_stream(1, 16, 60000);
    for (std::size_t i = 200; i < stream.bytes.size() / 2; ++i) stream.bytes[i] = 'x';
    FlacStream flac(bytes_in(stream.bytes), "x.dat");
    std::vector<std::int32_t> read(1000);
    flac.read(55000, read);
    EXPECT_EQ(read, part_of(stream, 55000, 1000));
    expect_input_error([&] { flac.read(3000, read); }, {"x.dat", "damaged", "sample"});
}

TEST(WfdbFlac, RecordsOfSeveralSamplesPerFrame) {
    const Stream stream = random_stream(2, 16, 3000);
    TestRecord record("x 2 100 1000\nx.dat 516x3 1/mV 16\nx.dat 516x3 1/mV 16\n");
    record.with("x.dat", stream.bytes);
    for (const std::uint64_t from : {0, 1, 998}) {
        const auto read = record.digital({1, 0}, from);
        ASSERT_EQ(read[0].size(), 3 * (1000 - from));
        for (std::size_t i = 0; i < read[0].size(); ++i) {
            ASSERT_EQ(read[0][i], stream.samples[2 * (3 * from + i) + 1]);
            ASSERT_EQ(read[1][i], stream.samples[2 * (3 * from + i)]);
        }
    }
    TestRecord without_length("x 2 100\nx.dat 516x3 1/mV 16\nx.dat 516x3 1/mV 16\n");
    without_length.with("x.dat", stream.bytes);
    EXPECT_EQ(read_ecg_info(without_length.header_path()).signals[0].samples, 3000U);
}

TEST(WfdbFlac, TheInvalidCodeIsMissing) {
    Stream stream = random_stream(1, 8, 10);
    TestRecord record("x 1 100 5\nx.dat 508 1/mV\n");
    FLAC__StreamEncoder* encoder = FLAC__stream_encoder_new();
    FLAC__stream_encoder_set_channels(encoder, 1);
    FLAC__stream_encoder_set_bits_per_sample(encoder, 8);
    Sink sink;
    FLAC__stream_encoder_init_stream(encoder, write_bytes, seek_bytes, tell_bytes, nullptr, &sink);
    const std::vector<std::int32_t> samples{5, -128, -127, 0, -128};
    FLAC__stream_encoder_process_interleaved(encoder, samples.data(), 5);
    FLAC__stream_encoder_finish(encoder);
    FLAC__stream_encoder_delete(encoder);
    record.with("x.dat", sink.bytes);
    EXPECT_EQ(record.digital({0})[0],
              (std::vector<std::int32_t>{5, wfdb_missing, -127, 0, wfdb_missing}));
}

TEST(WfdbFlac, ContradictionsWithTheHeaderAreNamed) {
    const Stream stream = random_stream(2, 16, 100);
    TestRecord("x 1 100 100\nx.dat 516\n")
        .with("x.dat", stream.bytes)
        .fails({"x.dat", "2 FLAC channels", "1 signals"});
    TestRecord("x 2 100 100\nx.dat 508\nx.dat 508\n")
        .with("x.dat", stream.bytes)
        .fails({"16 bits per sample, expected 8", "508"});
    TestRecord("x 2 100 101\nx.dat 516\nx.dat 516\n")
        .with("x.dat", stream.bytes)
        .fails({"100 samples per signal found, 101 expected"});
    TestRecord("x 2 100 100\nx.dat 516x2\nx.dat 516\n")
        .with("x.dat", stream.bytes)
        .fails({"line 3", "1 samples per frame", "first signal has 2"});
    TestRecord("x 2 100 100\nx.dat 516\nx.dat 516\n")
        .with("x.dat", "fLaC but nothing more")
        .fails({"x.dat", "STREAMINFO"});
    TestRecord("x 2 100 100\nx.dat 516\nx.dat 516\n")
        .with("x.dat", stream.bytes.substr(0, stream.bytes.size() - 20))
        .fails({"x.dat", "damaged or missing FLAC data"});
}

TEST(WfdbFlac, DamagedStreamsNeverDoWorseThanAnInputError) {
    const Stream stream = random_stream(2, 16, 5000);
    int refused = 0;
    for (std::uint64_t sample = 0; sample < 300; ++sample) {
        Random random(9, "damaged flac", 0, sample);
        std::string bytes = stream.bytes;
        for (int i = 0; i < 3; ++i) {
            bytes[random.below(bytes.size())] = static_cast<char>(random.below(256));
        }
        if (random.chance(0.3)) bytes.resize(random.below(bytes.size()));
        try {
            FlacStream flac(bytes_in(bytes), "x.dat");
            std::vector<std::int32_t> read(flac.channels() * 500);
            flac.read(random.below(5000), read);
            flac.read(0, read);
        } catch (const InputError&) {
            ++refused;
        }
    }
    EXPECT_GT(refused, 100);
}

}  // namespace clef
