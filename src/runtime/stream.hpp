// Embeddings of a signal while it is being recorded: samples in, in pieces of any size, and an
// embedding of the last window out every hop.
//
//   Stream stream(session, preprocessor, {.sampling_rate = 130, .hop_seconds = 10});
//   while (…) stream.feed(samples, [](const StreamWindow& window) { … });
//
// Window k covers the samples [k · hop, k · hop + window) counted from the stream's beginning, hop
// and window being whole numbers of samples at the stream's own rate. Time is counted in samples
// (64 bits), so that it does not drift. Gaps count as samples that are missing; they keep the time
// right. Memory is one window and one hop (at most one more window) of samples, however long the
// stream runs.
//
// Filters (StreamFilter):
//   zero_phase  Every window is prepared from its own samples alone, as Preprocessor::windows()
//               does: the same bits as for a recording of just these samples.
//   causal      The recipe's notch and Butterworth filters run once over the stream, forward only
//               and at the stream's own rate, with their state kept; then the window is cut,
//               resampled, freed of its running median and normalised as ever. What differs: waves
//               are delayed and distorted (the phase is not linear), the magnitude response is not
//               squared (−3 dB at the corners, not −6), corner frequencies must lie below half the
//               stream's rate, a missing sample holds the last value (or is zero, where the recipe
//               says so) since the next is not known yet; but a window's edges are free of what
//               the reflection at its ends adds, and a sample costs the same whatever the overlap.
//               An encoder trained on zero-phase windows gives other embeddings.
//
// One stream belongs to one thread at a time; the session may be shared.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "encoder/preprocess.hpp"
#include "runtime/session.hpp"
#include "signal/causal.hpp"
#include "signal/quality.hpp"

namespace clef {

enum class StreamFilter { zero_phase, causal };
StreamFilter parse_stream_filter(const std::string& name);  // "zero-phase", "causal"

struct StreamOptions {
    double sampling_rate = 0;             // Hz, of the samples pushed
    double hop_seconds = 0;               // 0: the recipe's window, one behind the other
    std::vector<std::string> leads = {};  // of the samples pushed, in their order; empty: recipe's
    StreamFilter filter = StreamFilter::zero_phase;
    // Windows whose worst lead has a lower quality (signal/quality.hpp) are told, not embedded.
    std::optional<double> min_quality = std::nullopt;
    bool in_millivolts = true;  // else only for recipes that normalise
};

struct StreamWindow {
    std::uint64_t first_sample = 0;  // counted from the stream's beginning
    double start_seconds = 0;
    double seconds = 0;
    double missing = 0;  // fraction of its samples
    bool flat = false;   // a lead without any change
    // Of the worst lead. Rails (saturation) are the extremes of the windows so far, where a whole
    // recording's quality knows them from its end as well.
    LeadQuality quality;
    std::vector<float> embedding;  // empty where there is none, and then:
    std::string reason;
};

class Stream {
  public:
    // The session and the preprocessor must outlive the stream.
    // Errors: InputError for rates, hops and leads that cannot be, with what could be.
    Stream(const Session& session, const Preprocessor& preprocessor, StreamOptions options);

    std::size_t leads() const { return options_.leads.size(); }
    std::size_t window_samples() const { return window_; }
    std::uint64_t hop_samples() const { return hop_; }
    std::uint64_t samples() const { return pushed_; }  // taken so far, per lead

    // Whole frames (a sample of each lead, in the leads' order), one behind the other. NaN and
    // infinite values are missing samples. Takes as many frames as there is room for, until a
    // window that is due has been asked for by next(), and returns how many. InputError unless
    // frames are whole. Copies (and filters, where causal), and computes nothing else.
    std::size_t push(std::span<const float> frames);
    // As push(), of `frames` missing samples of every lead.
    std::uint64_t push_gap(std::uint64_t frames);

    // Whether next() has a window.
    bool due() const { return pushed_ >= next_start_ && pushed_ - next_start_ >= window_; }
    // The next window, when all its samples are there.
    std::optional<StreamWindow> next();

    // push() and next() until all is taken.
    template <typename Visit>
    void feed(std::span<const float> frames, Visit visit) {
        do {
            frames = frames.subspan(push(frames) * leads());
            while (const auto window = next()) visit(*window);
        } while (!frames.empty());
    }

    // Bytes that the stream holds between calls.
    std::size_t memory_bytes() const;

  private:
    struct LeadState {
        std::vector<float> ring;      // as pushed
        std::vector<float> filtered;  // causal only
        CausalFilter::State filter;
        float held = 0;
        bool started = false;
        LeadQuality extremes;  // lowest and highest so far
    };

    std::uint64_t room() const;
    void store(LeadState& lead, const float* samples, std::size_t step, std::size_t frames);
    void filter(LeadState& lead, const float* samples, std::size_t step, std::size_t frames);
    std::vector<float> cut(const std::vector<float>& ring) const;
    void measure(StreamWindow& window, const std::vector<std::vector<float>>& raw);
    void embed(StreamWindow& window, std::vector<std::vector<float>> raw) const;

    const Session& session_;
    const Preprocessor& preprocessor_;
    StreamOptions options_;
    std::optional<Preprocessor> unfiltered_;  // causal: the steps behind the filters
    std::optional<CausalFilter> causal_;
    std::size_t window_ = 0;
    std::uint64_t hop_ = 0;
    std::size_t capacity_ = 0;
    std::uint64_t pushed_ = 0;
    std::uint64_t next_start_ = 0;
    std::vector<LeadState> leads_;
    std::vector<double> scratch_;  // causal: a piece of one lead
};

}  // namespace clef
