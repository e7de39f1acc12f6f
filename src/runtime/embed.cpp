#include "runtime/embed.hpp"

#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "base/ordered.hpp"
#include "base/progress.hpp"
#include "base/text.hpp"
#include "base/threads.hpp"
#include "cohort/skip_hint.hpp"
#include "formats/ecg_file.hpp"
#include "signal/quality.hpp"

namespace clef {

namespace {

struct Prepared {
    std::vector<Window> windows;
    std::vector<LeadQuality> quality;  // of each window, of its worst lead
    std::size_t windows_below = 0;
    std::string lead;
    std::string trouble;
};

Recording read_row(const Cohort& cohort, const CohortRow& row,
                   const std::vector<std::string>& leads, ReadOptions read) {
    const std::filesystem::path path = cohort.path_of(row);
    read.leads = leads;
    if (row.start_s || row.duration_s) {
        const double rate = read_ecg_info(path, read).sampling_rate;
        read.from = static_cast<std::uint64_t>(std::llround(row.start_s.value_or(0) * rate));
        if (row.duration_s)
            read.to = read.from + static_cast<std::uint64_t>(std::llround(*row.duration_s * rate));
    }
    return read_ecg(path, read);
}

// Stretches of a recording that a preprocessor makes windows of.
struct Stretches {
    std::size_t length = 0;  // samples
    std::size_t count = 0;
};

Stretches stretches_of(const Recording& recording, const Recipe& recipe) {
    const auto window =
        static_cast<std::size_t>(std::llround(recipe.window_seconds * recording.sampling_rate));
    if (window == 0 || recording.samples() <= window) return {recording.samples(), 1};
    if (recipe.first_window_only) return {window, 1};
    return {window, recording.samples() / window};
}

// The worst lead of each window.
std::vector<LeadQuality> measure_windows(const Recording& recording,
                                         const std::vector<std::string>& leads,
                                         const Stretches& stretches) {
    std::vector<LeadQuality> worst;
    for (const std::string& name : leads) {
        const Lead& lead = recording.lead(name);
        std::vector<LeadQuality> windows(stretches.count);
        for (std::size_t w = 0; w < stretches.count; ++w) {
            windows[w] = window_quality(
                std::span(lead.samples).subspan(w * stretches.length, stretches.length),
                recording.sampling_rate, lead.in_millivolts);
        }
        settle_saturation(windows);
        if (worst.empty()) worst = windows;
        for (std::size_t w = 0; w < stretches.count; ++w) {
            if (windows[w].quality < worst[w].quality) worst[w] = windows[w];
        }
    }
    return worst;
}

Recording cut(const Recording& recording, const std::vector<std::string>& leads, std::size_t begin,
              std::size_t length) {
    Recording stretch;
    stretch.source = recording.source;
    stretch.sampling_rate = recording.sampling_rate;
    for (const std::string& name : leads) {
        const Lead& lead = recording.lead(name);
        const auto samples = std::span(lead.samples).subspan(begin, length);
        stretch.leads.push_back({lead.name,
                                 lead.label,
                                 lead.unit,
                                 lead.in_millivolts,
                                 {samples.begin(), samples.end()}});
    }
    return stretch;
}

// Only the windows of enough quality, each from its own stretch: what is wrong with another one
// (every sample missing) is no matter.
void prepare_good_windows(Prepared& prepared, const Recording& recording,
                          const Preprocessor& preprocessor, const WindowOptions& options,
                          const Stretches& stretches, double min_quality) {
    const auto measured = std::move(prepared.quality);
    prepared.quality.clear();
    double best = 0;
    for (std::size_t w = 0; w < measured.size(); ++w) {
        best = std::max(best, measured[w].quality);
        if (measured[w].quality < min_quality) {
            ++prepared.windows_below;
            continue;
        }
        const std::size_t begin = w * stretches.length;
        auto windows =
            preprocessor.windows(cut(recording, options.leads, begin, stretches.length), options);
        windows.front().start_seconds = static_cast<double>(begin) / recording.sampling_rate;
        prepared.windows.push_back(std::move(windows.front()));
        prepared.quality.push_back(measured[w]);
    }
    if (!prepared.windows.empty()) return;
    prepared.windows_below = 0;
    prepared.trouble = fmt::format("{}: no window of quality {:g} or more; the best has {:.3f}",
                                   recording.source, min_quality, best);
}

Prepared prepare_row(const Cohort& cohort, const CohortRow& row, const Preprocessor& preprocessor,
                     const EmbedOptions& options) {
    const auto& leads = options.leads.empty() ? preprocessor.recipe().leads : options.leads;
    Prepared prepared;
    try {
        const Recording recording = read_row(cohort, row, leads, options.reading);
        std::vector<std::string> names;
        for (const std::string& lead : leads) names.push_back(recording.lead(lead).name);
        prepared.lead = join(names, " ");
        const WindowOptions how{leads, options.pad_short, options.leads_as};
        const auto stretches = stretches_of(recording, preprocessor.recipe());
        prepared.quality = measure_windows(recording, leads, stretches);
        if (options.min_quality) {
            prepare_good_windows(prepared, recording, preprocessor, how, stretches,
                                 *options.min_quality);
        } else {
            prepared.windows = preprocessor.windows(recording, how);
        }
    } catch (const InputError& error) {
        if (!options.skip_bad) fail_unless_skipped(error.what());
        prepared.trouble = error.what();
        prepared.windows.clear();
        prepared.windows_below = 0;
    }
    return prepared;
}

double mean_of_numbers(const std::vector<EmbeddingRow>& rows, double EmbeddingRow::*member) {
    double sum = 0;
    double count = 0;
    for (const EmbeddingRow& row : rows) {
        if (std::isnan(row.*member)) continue;
        sum += row.*member;
        ++count;
    }
    return sum / count;  // NaN of none
}

// The windows' mean in place of them.
void average(EmbeddedRecording& recording, std::size_t size) {
    if (recording.rows.size() <= 1) return;
    const std::vector<EmbeddingRow>& rows = recording.rows;
    EmbeddingRow joined = rows.front();
    joined.seconds = 0;
    for (const EmbeddingRow& row : rows) {
        joined.seconds += row.seconds;
        joined.flat = joined.flat || row.flat;
    }
    for (double EmbeddingRow::*member :
         {&EmbeddingRow::missing, &EmbeddingRow::flat_fraction, &EmbeddingRow::saturated_fraction,
          &EmbeddingRow::noise, &EmbeddingRow::baseline, &EmbeddingRow::quality}) {
        joined.*member = mean_of_numbers(rows, member);
    }
    std::vector<float> means(size);
    for (std::size_t d = 0; d < size; ++d) {
        double sum = 0;
        for (std::size_t w = 0; w < rows.size(); ++w) sum += recording.values[w * size + d];
        means[d] = static_cast<float>(sum / static_cast<double>(rows.size()));
    }
    recording.values = std::move(means);
    recording.rows = {joined};
}

// `offset`: where in its recording the row's stretch begins.
std::vector<EmbeddingRow> describe(const Prepared& prepared, std::size_t cohort_row, double offset,
                                   double seconds) {
    std::vector<EmbeddingRow> rows;
    for (std::size_t w = 0; w < prepared.windows.size(); ++w) {
        const Window& window = prepared.windows[w];
        const LeadQuality& quality = prepared.quality[w];
        rows.push_back({cohort_row, prepared.lead, offset + window.start_seconds, seconds,
                        window.missing, window.flat, quality.flat, quality.saturated, quality.noise,
                        quality.baseline, quality.quality});
    }
    return rows;
}

constexpr std::size_t waiting_per_thread = 8;

}  // namespace

void embed_recordings(const Cohort& cohort, std::size_t first, std::size_t last,
                      const Session& session, const Preprocessor& preprocessor,
                      const EmbedOptions& options,
                      const std::function<void(EmbeddedRecording)>& take) {
    const double seconds = preprocessor.recipe().window_seconds;
    const auto embed = [&](std::size_t i) {
        const std::size_t row = first + i;
        Prepared prepared = prepare_row(cohort, cohort.rows[row], preprocessor, options);
        EmbeddedRecording done;
        done.cohort_row = row;
        done.rows = describe(prepared, row, cohort.rows[row].start_s.value_or(0), seconds);
        done.windows = done.rows.size();
        done.trouble = std::move(prepared.trouble);
        done.windows_below = prepared.windows_below;
        done.values.reserve(done.windows * session.output_size());
        for (Window& window : prepared.windows) {
            const std::vector<float> values = session.run(window);
            done.values.insert(done.values.end(), values.begin(), values.end());
            window.samples = {};  // long recordings: what is done is not kept
        }
        if (options.mean) average(done, session.output_size());
        return done;
    };
    const unsigned threads = options.threads == 0 ? available_threads() : options.threads;
    ordered_parallel_for<EmbeddedRecording>(last - first, threads, threads * waiting_per_thread,
                                            embed, take);
}

void prepare_recordings(const Cohort& cohort, const Preprocessor& preprocessor,
                        const EmbedOptions& options,
                        const std::function<void(PreparedRecording)>& take) {
    const auto prepare = [&](std::size_t row) {
        Prepared prepared = prepare_row(cohort, cohort.rows[row], preprocessor, options);
        return PreparedRecording{row, std::move(prepared.windows), std::move(prepared.trouble)};
    };
    const unsigned threads = options.threads == 0 ? available_threads() : options.threads;
    ordered_parallel_for<PreparedRecording>(cohort.rows.size(), threads,
                                            threads * waiting_per_thread, prepare, take);
}

void fail_nothing_embedded(const std::string& source, std::size_t recordings,
                           const std::string& first_trouble) {
    fail_input("{}: none of the {} recordings could be used; the first: {}", source, recordings,
               first_trouble.empty() ? "there is none" : first_trouble);
}

Embeddings embed_cohort(const Cohort& cohort, const Session& session,
                        const Preprocessor& preprocessor, const EmbedOptions& options) {
    Embeddings embeddings;
    embeddings.dimensions = session.output_size();
    embeddings.skipped = cohort.skipped;
    {
        Progress progress("embedding", cohort.rows.size(), "recordings");
        embed_recordings(cohort, 0, cohort.rows.size(), session, preprocessor, options,
                         [&](const EmbeddedRecording& done) {
                             if (!done.trouble.empty()) {
                                 embeddings.skipped.emplace_back(
                                     cohort.rows[done.cohort_row].record, done.trouble);
                             }
                             embeddings.windows_below += done.windows_below;
                             embeddings.values.insert(embeddings.values.end(), done.values.begin(),
                                                      done.values.end());
                             embeddings.rows.insert(embeddings.rows.end(), done.rows.begin(),
                                                    done.rows.end());
                             progress.add();
                         });
    }
    if (embeddings.rows.empty()) {
        fail_nothing_embedded(cohort.source, cohort.rows.size(),
                              embeddings.skipped.empty() ? "" : embeddings.skipped.front().second);
    }
    return embeddings;
}

}  // namespace clef
