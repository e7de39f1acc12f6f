// A stream gives what the same samples give as a recording, in whatever pieces they come.
#include "runtime/stream.hpp"

#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <malloc.h>

#include "formats/expect_input_error.hpp"
#include "procedural.hpp"

namespace clef {

namespace {

constexpr float gap = std::numeric_limits<float>::quiet_NaN();

struct Encoder {
    explicit Encoder(int leads = 1)
        : preprocessor(clef_recipe(leads)),
          session(testing::procedural_model("clef-small", leads)) {}
    Preprocessor preprocessor;
    Session session;
};

const Encoder& encoder() {
    static const Encoder one;
    return one;
}

// Heart beats of a sort, one a second, in mV, and some noise.
float beat(std::uint64_t i, double rate) {
    const double t = std::fmod(static_cast<double>(i) / rate, 1.0) - 0.4;
    const auto noise = static_cast<double>((i * 2654435761U) >> 7 & 0xFFU) / 25500;
    return static_cast<float>(std::exp(-t * t / 0.0005) - 0.2 * std::exp(-t * t / 0.02) + noise);
}

std::vector<float> beats(std::size_t samples, double rate = 130) {
    std::vector<float> signal(samples);
    for (std::size_t i = 0; i < samples; ++i) signal[i] = beat(i, rate);
    return signal;
}

std::vector<StreamWindow> streamed(Stream& stream, std::span<const float> signal,
                                   std::size_t frames_at_once) {
    std::vector<StreamWindow> windows;
    const std::size_t step = frames_at_once * stream.leads();
    for (std::size_t at = 0; at < signal.size(); at += step) {
        stream.feed(signal.subspan(at, std::min(step, signal.size() - at)),
                    [&](const StreamWindow& window) { windows.push_back(window); });
    }
    return windows;
}

std::vector<StreamWindow> streamed(const StreamOptions& options, std::span<const float> signal,
                                   std::size_t frames_at_once = 1000) {
    Stream stream(encoder().session, encoder().preprocessor, options);
    return streamed(stream, signal, frames_at_once);
}

// The embedding of a stretch, as a recording of it alone.
std::vector<float> offline(const std::vector<float>& stretch, double rate = 130) {
    Recording recording{"offline", rate, {{"I", "I", "mV", true, stretch}}, {}};
    const auto windows = encoder().preprocessor.windows(recording);
    return encoder().session.run(windows.front().samples, windows.front().channels);
}

std::vector<float> stretch(const std::vector<float>& signal, std::size_t from, std::size_t count) {
    return {signal.begin() + static_cast<std::ptrdiff_t>(from),
            signal.begin() + static_cast<std::ptrdiff_t>(from + count)};
}

}  // namespace

TEST(Stream, PiecesOfAnySizeGiveTheBitsOfTheRecording) {
    const auto signal = beats(130 * 35);
    for (const std::size_t at_once : {1U, 7U, 130U, 100'000U}) {
        const auto windows = streamed({.sampling_rate = 130, .hop_seconds = 5}, signal, at_once);
        ASSERT_EQ(windows.size(), 6U) << at_once;
        for (std::size_t w = 0; w < windows.size(); ++w) {
            EXPECT_EQ(windows[w].first_sample, w * 650);
            EXPECT_EQ(windows[w].start_seconds, 5.0 * static_cast<double>(w));
            EXPECT_EQ(windows[w].embedding, offline(stretch(signal, w * 650, 1300)));
            EXPECT_EQ(windows[w].reason, "");
            EXPECT_GT(windows[w].quality.quality, 0.9);
        }
    }
}

TEST(Stream, WithoutAHopTheWindowsAreThoseOfThePreprocessor) {
    const double rate = 128.3;  // no whole number of samples in ten seconds
    const auto signal = beats(5000, rate);
    const Recording recording{"r", rate, {{"I", "I", "mV", true, signal}}, {}};
    const auto expected = encoder().preprocessor.windows(recording);
    const auto windows = streamed({.sampling_rate = rate}, signal);
    ASSERT_EQ(windows.size(), expected.size());
    for (std::size_t w = 0; w < windows.size(); ++w) {
        EXPECT_EQ(windows[w].start_seconds, expected[w].start_seconds);
        EXPECT_EQ(windows[w].embedding, encoder().session.run(expected[w].samples));
    }
}

TEST(Stream, TwelveLeadsComeFrameByFrame) {
    const Encoder twelve(12);
    Recording recording{"r", 250, {}, {}};
    std::vector<float> frames(12 * 2500);
    for (std::size_t lead = 0; lead < 12; ++lead) {
        std::vector<float> samples(2500);
        for (std::size_t i = 0; i < 2500; ++i) {
            samples[i] = static_cast<float>(lead + 1) * beat(i + 20 * lead, 250);
            frames[i * 12 + lead] = samples[i];
        }
        const std::string& name = twelve.preprocessor.recipe().leads[lead];
        recording.leads.push_back({name, name, "mV", true, samples});
    }
    Stream stream(twelve.session, twelve.preprocessor, {.sampling_rate = 250});
    const auto windows = streamed(stream, frames, 333);
    ASSERT_EQ(windows.size(), 1U);
    EXPECT_EQ(windows[0].embedding,
              twelve.session.run(twelve.preprocessor.windows(recording).front().samples));
    testing::expect_input_error([&] { stream.push(std::vector<float>(13)); }, {"13", "12 leads"});
}

TEST(Stream, GapsKeepTheTimeAndAreFilledAsInARecording) {
    auto signal = beats(2600);
    for (std::size_t i = 400; i < 530; ++i) signal[i] = gap;
    signal[700] = std::numeric_limits<float>::infinity();
    std::vector<StreamWindow> windows;
    const auto keep = [&](const StreamWindow& window) { windows.push_back(window); };
    Stream stream(encoder().session, encoder().preprocessor, {.sampling_rate = 130});
    stream.feed(std::span(signal).first(400), keep);
    EXPECT_EQ(stream.push_gap(130), 130U);
    stream.feed(std::span(signal).subspan(530), keep);
    ASSERT_EQ(windows.size(), 2U);
    signal[700] = gap;
    EXPECT_EQ(windows[0].embedding, offline(stretch(signal, 0, 1300)));
    EXPECT_DOUBLE_EQ(windows[0].missing, 131.0 / 1300);
    EXPECT_EQ(windows[1].embedding, offline(stretch(signal, 1300, 1300)));
    EXPECT_EQ(windows[1].start_seconds, 10);
}

TEST(Stream, AWindowWithoutAnySampleIsToldAndTheStreamGoesOn) {
    for (const StreamFilter filter : {StreamFilter::zero_phase, StreamFilter::causal}) {
        const auto signal = beats(1300);
        std::vector<float> all = signal;
        all.resize(2600, gap);
        all.insert(all.end(), signal.begin(), signal.end());
        const auto windows = streamed({.sampling_rate = 130, .filter = filter}, all);
        ASSERT_EQ(windows.size(), 3U);
        EXPECT_FALSE(windows[0].embedding.empty());
        EXPECT_TRUE(windows[1].embedding.empty());
        EXPECT_NE(windows[1].reason.find("missing"), std::string::npos);
        EXPECT_EQ(windows[1].missing, 1);
        ASSERT_FALSE(windows[2].embedding.empty());
        for (const float value : windows[2].embedding) ASSERT_TRUE(std::isfinite(value));
    }
}

TEST(Stream, WindowsBelowTheQualityAreToldNotEmbedded) {
    auto signal = beats(2600);
    std::fill(signal.begin() + 1300, signal.end(), 0.25F);  // the electrode fell off
    const auto windows = streamed({.sampling_rate = 130, .min_quality = 0.66}, signal);
    ASSERT_EQ(windows.size(), 2U);
    EXPECT_FALSE(windows[0].embedding.empty());
    EXPECT_TRUE(windows[1].embedding.empty());
    EXPECT_TRUE(windows[1].flat);
    EXPECT_NE(windows[1].reason.find("0.66"), std::string::npos) << windows[1].reason;
}

TEST(Stream, TakesNoMoreThanTheWindowThatIsDueLeavesRoomFor) {
    Stream stream(encoder().session, encoder().preprocessor,
                  {.sampling_rate = 130, .hop_seconds = 1});
    const auto signal = beats(5000);
    EXPECT_EQ(stream.push(signal), 1430U);  // a window and a hop
    EXPECT_EQ(stream.push(signal), 0U);
    EXPECT_EQ(stream.push_gap(1'000'000), 0U);
    EXPECT_TRUE(stream.next());
    EXPECT_EQ(stream.push(std::span(signal).subspan(1430)), 130U);
    const auto second = stream.next();
    ASSERT_TRUE(second);
    EXPECT_EQ(second->embedding, offline(stretch(signal, 130, 1300)));
}

TEST(Stream, AHopLongerThanTheWindowLeavesSamplesOut) {
    const auto signal = beats(130 * 70);
    const auto windows = streamed({.sampling_rate = 130, .hop_seconds = 25}, signal, 997);
    ASSERT_EQ(windows.size(), 3U);
    EXPECT_EQ(windows[2].start_seconds, 50);
    EXPECT_EQ(windows[2].embedding, offline(stretch(signal, 6500, 1300)));
}

TEST(Stream, CausalIsTheSameInAnyPiecesAndAnotherThanZeroPhase) {
    const auto signal = beats(130 * 40);
    const StreamOptions options{.sampling_rate = 130, .filter = StreamFilter::causal};
    const auto expected = streamed(options, signal, 100'000);
    ASSERT_EQ(expected.size(), 4U);
    for (const std::size_t at_once : {1U, 7U, 130U}) {
        const auto windows = streamed(options, signal, at_once);
        ASSERT_EQ(windows.size(), 4U);
        for (std::size_t w = 0; w < 4; ++w) EXPECT_EQ(windows[w].embedding, expected[w].embedding);
    }
    EXPECT_NE(expected[1].embedding, offline(stretch(signal, 1300, 1300)));
}

TEST(Stream, CausalIsTheRecipesFilterThenTheWindow) {
    const auto signal = beats(130 * 30);
    std::vector<double> exact(signal.begin(), signal.end());
    CausalFilter::State state;
    CausalFilter(butterworth_band_pass_sections(5, 0.67, 40, 130)).run(exact, state);
    Recipe rest = clef_recipe();
    rest.band_pass_order = 0;
    const std::vector<float> filtered(exact.begin(), exact.end());
    const Recording recording{"r", 130, {{"I", "I", "mV", true, filtered}}, {}};
    const auto expected = Preprocessor(rest).windows(recording);
    const auto windows =
        streamed({.sampling_rate = 130, .filter = StreamFilter::causal}, signal, 11);
    ASSERT_EQ(windows.size(), 3U);
    for (std::size_t w = 0; w < 3; ++w) {
        EXPECT_EQ(windows[w].embedding, encoder().session.run(expected[w].samples));
    }
}

// A week at 130 Hz, faster than real time: the memory of the first day is that of the last, and the
// last embedding is the one that its ten seconds give alone.
TEST(Stream, AWeekLongTheSameMemoryAndTheSameEmbeddings) {
    constexpr std::uint64_t day = 130ULL * 86'400;
    Stream stream(encoder().session, encoder().preprocessor,
                  {.sampling_rate = 130, .hop_seconds = 6 * 3600});
    const auto minute = beats(130 * 60);  // as long as the signal's period, so that it goes on
    std::size_t windows = 0;
    std::size_t held = 0;
    std::size_t used = 0;
    StreamWindow last;
    for (std::uint64_t at = 0; at < 7 * day; at += minute.size()) {
        stream.feed(minute, [&](const StreamWindow& window) {
            ++windows;
            last = window;
        });
        if (at == day) {
            held = stream.memory_bytes();
            used = ::mallinfo2().uordblks;
        }
    }
    EXPECT_EQ(windows, 28U);
    EXPECT_EQ(stream.samples(), 7 * day);
    EXPECT_EQ(last.start_seconds, 27 * 6 * 3600);
    EXPECT_EQ(last.embedding, offline(stretch(minute, 0, 1300)));
    EXPECT_EQ(stream.memory_bytes(), held);
    EXPECT_LT(held, 2600 * sizeof(float) + 1000);
    EXPECT_LT(::mallinfo2().uordblks, used + 16'384);  // what one window leaves is given back
}

TEST(Stream, SaysWhatCannotBe) {
    const auto open = [](const StreamOptions& options) {
        return [options] { Stream(encoder().session, encoder().preprocessor, options); };
    };
    testing::expect_input_error(open({}), {"0 Hz", "positive"});
    testing::expect_input_error(open({.sampling_rate = gap}), {"positive"});
    testing::expect_input_error(open({.sampling_rate = 1e9}), {"window", "expected 1 to"});
    testing::expect_input_error(open({.sampling_rate = 130, .hop_seconds = 1e-6}),
                                {"hop", "expected 1 to"});
    testing::expect_input_error(open({.sampling_rate = 130, .hop_seconds = -1}), {"hop"});
    testing::expect_input_error(open({.sampling_rate = 130, .leads = {"I", "II"}}), {"2 leads"});
    testing::expect_input_error(open({.sampling_rate = 70, .filter = StreamFilter::causal}),
                                {"causal", "70 Hz", "zero-phase"});
    const Encoder twelve(12);
    StreamOptions twice{.sampling_rate = 130, .leads = twelve.preprocessor.recipe().leads};
    twice.leads[1] = "lead i";
    testing::expect_input_error([&] { Stream(twelve.session, twelve.preprocessor, twice); },
                                {"named twice"});
    testing::expect_input_error([] { parse_stream_filter("both"); }, {"zero-phase", "causal"});
}

}  // namespace clef
