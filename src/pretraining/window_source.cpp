#include "pretraining/window_source.hpp"

#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "formats/ecg_file.hpp"

namespace clef {

std::vector<const CohortRow*> rows_of_split(const Cohort& cohort, const std::string& split) {
    const bool has_splits = std::any_of(cohort.rows.begin(), cohort.rows.end(),
                                        [](const CohortRow& row) { return !row.split.empty(); });
    std::vector<const CohortRow*> rows;
    for (const CohortRow& row : cohort.rows) {
        if (has_splits ? row.split == split : split == "train") rows.push_back(&row);
    }
    if (rows.empty())
        fail_input("{}: no row has split '{}'; nothing to {} on", cohort.source, split,
                   split == "train" ? "train" : "validate");
    return rows;
}

RowPlaces WindowSource::places_of(const Cohort& cohort, const CohortRow& row) const {
    const std::filesystem::path path = cohort.path_of(row);
    const RecordingInfo info = read_ecg_info(path);
    const auto at = [&info](double seconds) {
        return static_cast<std::uint64_t>(std::llround(seconds * info.sampling_rate));
    };
    const std::uint64_t begin = row.start_s ? std::min(at(*row.start_s), info.samples) : 0;
    const std::uint64_t end =
        row.duration_s ? std::min(begin + at(*row.duration_s), info.samples) : info.samples;
    RowPlaces result;
    result.seconds = static_cast<double>(end - begin) / info.sampling_rate;
    const std::uint64_t length = at(preprocessor_.recipe().window_seconds);
    if (end - begin <= length) {
        result.places = {{path.string(), begin, end}};
        return result;
    }
    for (std::uint64_t from = begin; from + length <= end; from += length) {
        result.places.push_back({path.string(), from, from + length});
    }
    return result;
}

UnfilteredWindow WindowSource::read(const WindowPlace& place) const {
    ReadOptions read;
    read.from = place.from;
    read.to = place.to;
    return {read_ecg(place.path, read), preprocessor_,
            fmt::format("{}: from sample {}", place.path, place.from)};
}

}  // namespace clef
