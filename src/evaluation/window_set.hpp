// A cohort's windows as an encoder sees them, in memory: what fine-tuning goes over again and
// again; and the time steps of its last feature map, what an attention pool looks at.
//
// Memory: 4 bytes a sample: 20 kB for a window of one lead at 500 Hz and 10 s. `most_windows`
// bounds it for long recordings: so many, evenly spread over the recording.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "evaluation/attention_pool.hpp"
#include "runtime/embed.hpp"

namespace clef {

struct WindowSet {
    std::size_t leads = 0;
    std::vector<std::size_t> channels = {};  // which of the encoder's leads; empty: all
    std::size_t samples = 0;                 // of one lead in one window
    std::vector<float> values;               // windows × leads × samples
    // As values: 0 where there is no sample and the value means nothing. Empty: all are.
    std::vector<std::uint8_t> observed = {};
    std::vector<std::size_t> first = {0};  // windows of recording i: first[i] … first[i + 1] − 1

    std::size_t recordings() const { return first.size() - 1; }
    std::span<const float> window(std::size_t index) const {
        return std::span(values).subspan(index * leads * samples, leads * samples);
    }
    // Empty where all are observed.
    std::span<const std::uint8_t> marks(std::size_t index) const {
        if (observed.empty()) return {};
        return std::span(observed).subspan(index * leads * samples, leads * samples);
    }
};

// Which windows of `count` stay when at most `most` may (0: all).
std::vector<std::size_t> spread_windows(std::size_t count, std::size_t most);

// One entry for each row of the cohort, every one of which must be usable (embed_cohort's rows
// are).
WindowSet collect_windows(const Cohort& cohort, const Preprocessor& preprocessor,
                          const EmbedOptions& options, std::size_t most_windows = 0);

// The encoder's time steps, likewise.
TimeSteps collect_time_steps(const Cohort& cohort, const Session& session,
                             const Preprocessor& preprocessor, const EmbedOptions& options,
                             std::size_t most_windows = 0);

}  // namespace clef
