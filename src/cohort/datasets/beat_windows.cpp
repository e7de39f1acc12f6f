#include "cohort/datasets/beat_windows.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>

#include "base/error.hpp"
#include "formats/wfdb_header.hpp"

namespace clef {

Extent extent_of(const std::string& record) {
    const WfdbHeader header = read_wfdb_header(record + ".hea");
    constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max() / 2);
    if (!header.samples || *header.samples > most) {
        fail_input("{}.hea: line 1: no length; expected the number of samples", record);
    }
    return {static_cast<std::int64_t>(*header.samples), header.sampling_rate};
}

std::optional<double> window_around(std::int64_t sample, const Extent& extent, double seconds) {
    const std::int64_t half = std::llround(seconds * extent.rate / 2);
    if (sample < half) return std::nullopt;
    return window_from(sample - half, extent.samples, extent, seconds);
}

std::optional<double> window_from(std::int64_t sample, std::int64_t end, const Extent& extent,
                                  double seconds) {
    const std::int64_t length = std::llround(seconds * extent.rate);
    const std::int64_t last = std::min(end, extent.samples);
    if (sample < 0 || length <= 0 || sample > last - length) return std::nullopt;
    return static_cast<double>(sample) / extent.rate;
}

std::string aami_class(const std::string& symbol) {
    if (symbol.size() != 1) return "";
    struct Class {
        const char* name;
        std::string_view symbols;
    };
    static constexpr Class classes[] = {
        {"N", "NLRej"}, {"S", "AaJS"}, {"V", "VE"}, {"F", "F"}, {"Q", "/fQ"}};
    for (const Class& one : classes) {
        if (one.symbols.find(symbol[0]) != std::string_view::npos) return one.name;
    }
    return "";
}

}  // namespace clef
