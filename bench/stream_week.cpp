// A sensor's week through a stream, faster than real time: does memory stay flat, and are the
// embeddings those of the same samples as a recording? Usage: bench_stream_week [DAYS]. Exit 1
// where either is not so.
#include <cmath>
#include <cstdint>
#include <fmt/format.h>
#include <fstream>
#include <string>

#include "encoder/model.hpp"
#include "encoder/preprocess.hpp"
#include "paired.hpp"
#include "runtime/session.hpp"
#include "runtime/stream.hpp"

namespace {

constexpr double rate = 130;
constexpr std::uint64_t packet = 73;  // samples: what a Polar H10 sends at once
constexpr std::uint64_t hour = 3600 * 130;

// Beats whose rate drifts over the day, wander, and noise: as a function of the sample's number.
float sample(std::uint64_t i) {
    const double seconds = static_cast<double>(i) / rate;
    const double phase = seconds * 1.1 + 3 * std::sin(seconds / 4000);
    const double t = phase - std::floor(phase) - 0.4;
    const double noise = static_cast<double>((i * 2654435761U) >> 7 & 0xFFU) / 25500;
    return static_cast<float>(std::exp(-t * t / 0.0005) - 0.2 * std::exp(-t * t / 0.02) + noise +
                              0.3 * std::sin(seconds / 5));
}

std::size_t resident_kibibytes() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("VmRSS:")) return std::stoul(line.substr(6));
    }
    return 0;
}

// An hour as a recording: embeddings of its windows, one behind the other.
std::vector<std::vector<float>> offline(const clef::Session& session,
                                        const clef::Preprocessor& preprocessor,
                                        std::uint64_t first) {
    clef::Recording recording;
    recording.source = "the same hour";
    recording.sampling_rate = rate;
    std::vector<float> samples(hour);
    for (std::uint64_t i = 0; i < hour; ++i) samples[i] = sample(first + i);
    recording.leads.push_back({"I", "I", "mV", true, std::move(samples)});
    std::vector<std::vector<float>> embeddings;
    for (const clef::Window& window : preprocessor.windows(recording)) {
        embeddings.push_back(session.run(window.samples, window.channels));
    }
    return embeddings;
}

struct Day {
    std::size_t windows = 0;
    std::vector<std::vector<float>> compared;  // of the hour that is embedded offline too
    double milliseconds = 0;
};

Day stream_day(clef::Stream& stream, std::uint64_t number, std::uint64_t compared_from) {
    Day day;
    std::vector<float> samples(packet);
    day.milliseconds = clef::bench::milliseconds([&] {
        const std::uint64_t end = (number + 1) * 24 * hour;
        for (std::uint64_t at = number * 24 * hour; at < end;) {
            const std::uint64_t count = std::min(packet, end - at);
            for (std::uint64_t i = 0; i < count; ++i) samples[i] = sample(at + i);
            stream.feed(std::span(samples).first(count), [&](const clef::StreamWindow& window) {
                ++day.windows;
                if (window.first_sample >= compared_from &&
                    window.first_sample < compared_from + hour) {
                    day.compared.push_back(window.embedding);
                }
            });
            at += count;
        }
    });
    return day;
}

}  // namespace

int main(int argc, char** argv) {
    const std::uint64_t days = argc > 1 ? std::stoul(argv[1]) : 7;
    const clef::Model model = clef::random_model("clef-small", 1, 1);
    const clef::Preprocessor preprocessor(model.recipe);
    const clef::Session session(model);
    clef::StreamOptions options;
    options.sampling_rate = rate;
    clef::Stream stream(session, preprocessor, options);
    // Once before, so that the allocator has met every size.
    offline(session, preprocessor, 0);
    offline(session, preprocessor, hour);
    std::size_t first_day = 0;
    bool good = true;
    for (std::uint64_t number = 0; number < days; ++number) {
        const std::uint64_t compared_from = (number * 24 + 3 * number % 24) * hour;
        const auto expected = offline(session, preprocessor, compared_from);
        const Day day = stream_day(stream, number, compared_from);
        const std::size_t resident = resident_kibibytes();
        if (number == 0) first_day = resident;
        const bool same = day.compared == expected;
        good = good && same && resident <= first_day + 256;
        fmt::print(
            "day {}: {} windows in {:.1f} s ({:.0f} times real time), stream {} bytes, "
            "process {} KiB, {} embeddings {} those of the recording\n",
            number + 1, day.windows, day.milliseconds / 1e3, 86400e3 / day.milliseconds,
            stream.memory_bytes(), resident, expected.size(), same ? "equal" : "DIFFER FROM");
    }
    fmt::print("{}\n", good ? "memory flat, embeddings the same to the last bit" : "FAILED");
    return good ? 0 : 1;
}
