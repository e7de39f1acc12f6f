// Windows of long recordings around annotations, as rows of a cohort. For the adapters.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cohort/cohort.hpp"

namespace clef {

// A recording's length in samples and their rate.
struct Extent {
    std::int64_t samples = 0;
    double rate = 0;
};

// Reads it from a WFDB header. Errors: InputError, also for a header without a length.
Extent extent_of(const std::string& record);

// Seconds from the start at which a window of `seconds` begins; nothing where it would not lie
// within the recording.
std::optional<double> window_around(std::int64_t sample, const Extent& extent, double seconds);

// The same from a sample on, ending no later than `end` (a sample).
std::optional<double> window_from(std::int64_t sample, std::int64_t end, const Extent& extent,
                                  double seconds);

// The AAMI class of a beat's annotation, one of N S V F Q; "" for what is no beat.
// Source: ANSI/AAMI EC57; de Chazal et al., IEEE Trans. Biomed. Eng. 51:1196, 2004, table I.
std::string aami_class(const std::string& symbol);

}  // namespace clef
