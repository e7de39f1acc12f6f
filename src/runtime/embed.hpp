// Recordings → embeddings: reads, prepares and runs each recording of a cohort, several at a time,
// and hands the rows over in the cohort's order, whatever the number of threads: one recording
// after the other (embed_recordings, which embedding_files.hpp writes out), or all in memory
// (embed_cohort).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cohort/cohort.hpp"
#include "encoder/preprocess.hpp"
#include "formats/ecg_file.hpp"
#include "runtime/session.hpp"

namespace clef {

struct EmbedOptions {
    std::vector<std::string> leads = {};     // empty: the recipe's
    std::vector<std::string> leads_as = {};  // as WindowOptions has them
    bool pad_short = false;
    bool skip_bad = false;  // leave out recordings that cannot be used, and list them
    bool mean = false;      // one embedding per recording: the mean over its windows
    // Windows whose worst lead has a lower quality (signal/quality.hpp) are left out; a recording
    // without any other is skipped, as one that cannot be used.
    std::optional<double> min_quality = std::nullopt;
    unsigned threads = 0;
    ReadOptions reading = {};  // what the recordings do not say themselves
};

struct EmbeddingRow {
    std::size_t cohort_row = 0;
    std::string lead;          // as found in the recording; "I II" for several
    double start_seconds = 0;  // from the recording's beginning
    double seconds = 0;
    double missing = 0;  // fraction of samples interpolated
    bool flat = false;   // a lead without any change
    // Of the lead with the lowest quality; means over the windows where the row is a mean.
    double flat_fraction = 0;
    double saturated_fraction = 0;
    double noise = 0;  // NaN where there is nothing to measure
    double baseline = 0;
    double quality = 0;
};

struct Embeddings {
    std::size_t dimensions = 0;
    std::vector<float> values;  // rows × dimensions
    std::vector<EmbeddingRow> rows;
    std::vector<std::pair<std::string, std::string>> skipped;  // record, reason
    std::size_t windows_below = 0;  // left out for their quality, of recordings not skipped

    std::span<const float> row(std::size_t i) const {
        return std::span(values).subspan(i * dimensions, dimensions);
    }
};

// What came of one recording of the cohort.
struct EmbeddedRecording {
    std::size_t cohort_row = 0;
    std::vector<EmbeddingRow> rows;
    std::vector<float> values;      // rows × dimensions
    std::string trouble;            // why there is no row; empty where there are some
    std::size_t windows = 0;        // computed: more than the rows where those are means
    std::size_t windows_below = 0;  // left out for their quality
};

// Rows [first, last) of the cohort, recordings in parallel, handed to `take` in order and one at a
// time. Memory is bounded: no more recordings are begun than a few per thread before the next one
// is taken. Errors: InputError for the first recording that cannot be used, unless skip_bad;
// everything before it has been taken by then.
void embed_recordings(const Cohort& cohort, std::size_t first, std::size_t last,
                      const Session& session, const Preprocessor& preprocessor,
                      const EmbedOptions& options,
                      const std::function<void(EmbeddedRecording)>& take);

// The windows of one recording of the cohort, prepared by the recipe.
struct PreparedRecording {
    std::size_t cohort_row = 0;
    std::vector<Window> windows;
    std::string trouble;  // why there is none; empty where there are some
};

// The same recordings and windows as embed_recordings, for whoever runs something else on them;
// the same order, errors and bound on memory.
void prepare_recordings(const Cohort& cohort, const Preprocessor& preprocessor,
                        const EmbedOptions& options,
                        const std::function<void(PreparedRecording)>& take);

// What to say when no recording of the cohort gave a row.
[[noreturn]] void fail_nothing_embedded(const std::string& source, std::size_t recordings,
                                        const std::string& first_trouble);

// Windows prepared and embedded one after the other within a recording, recordings in parallel.
// Errors: InputError for the first recording (in the cohort's order) that cannot be used, unless
// skip_bad; also when all had to be skipped.
Embeddings embed_cohort(const Cohort& cohort, const Session& session,
                        const Preprocessor& preprocessor, const EmbedOptions& options);

}  // namespace clef
