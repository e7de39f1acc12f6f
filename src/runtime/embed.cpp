#include "runtime/embed.hpp"

#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "base/progress.hpp"
#include "base/text.hpp"
#include "base/threads.hpp"
#include "formats/ecg_file.hpp"

namespace clef {

namespace {

struct Prepared {
    std::vector<Window> windows;
    std::string lead;
    std::string trouble;
};

Recording read_row(const Cohort& cohort, const CohortRow& row,
                   const std::vector<std::string>& leads) {
    const std::filesystem::path path = cohort.path_of(row);
    ReadOptions read;
    read.leads = leads;
    if (row.start_s || row.duration_s) {
        const double rate = read_ecg_info(path).sampling_rate;
        read.from = static_cast<std::uint64_t>(std::llround(row.start_s.value_or(0) * rate));
        if (row.duration_s)
            read.to = read.from + static_cast<std::uint64_t>(std::llround(*row.duration_s * rate));
    }
    return read_ecg(path, read);
}

Prepared prepare_row(const Cohort& cohort, const CohortRow& row, const Preprocessor& preprocessor,
                     const EmbedOptions& options) {
    const auto& leads = options.leads.empty() ? preprocessor.recipe().leads : options.leads;
    Prepared prepared;
    try {
        const Recording recording = read_row(cohort, row, leads);
        std::vector<std::string> names;
        for (const std::string& lead : leads) names.push_back(recording.lead(lead).name);
        prepared.lead = join(names, " ");
        prepared.windows = preprocessor.windows(recording, {leads, options.pad_short});
    } catch (const InputError& error) {
        if (!options.skip_bad) {
            fail_input("{}. --skip-bad goes on without such recordings and lists them",
                       error.what());
        }
        prepared.trouble = error.what();
    }
    return prepared;
}

// One row per window, or the windows' mean as one row.
void append_rows(Embeddings& embeddings, const std::vector<EmbeddingRow>& rows,
                 const std::vector<float>& values, bool mean) {
    const std::size_t size = embeddings.dimensions;
    if (!mean || rows.size() <= 1) {
        embeddings.values.insert(embeddings.values.end(), values.begin(), values.end());
        embeddings.rows.insert(embeddings.rows.end(), rows.begin(), rows.end());
        return;
    }
    EmbeddingRow joined = rows.front();
    joined.missing = 0;
    joined.seconds = 0;
    for (const EmbeddingRow& row : rows) {
        joined.seconds += row.seconds;
        joined.missing += row.missing / static_cast<double>(rows.size());
        joined.flat = joined.flat || row.flat;
    }
    for (std::size_t d = 0; d < size; ++d) {
        double sum = 0;
        for (std::size_t w = 0; w < rows.size(); ++w) sum += values[w * size + d];
        embeddings.values.push_back(static_cast<float>(sum / static_cast<double>(rows.size())));
    }
    embeddings.rows.push_back(joined);
}

// `offset`: where in its recording the row's stretch begins.
std::vector<EmbeddingRow> describe(const Prepared& prepared, std::size_t cohort_row, double offset,
                                   double seconds) {
    std::vector<EmbeddingRow> rows;
    for (const Window& window : prepared.windows) {
        rows.push_back({cohort_row, prepared.lead, offset + window.start_seconds, seconds,
                        window.missing, window.flat});
    }
    return rows;
}

}  // namespace

Embeddings embed_cohort(const Cohort& cohort, const Session& session,
                        const Preprocessor& preprocessor, const EmbedOptions& options) {
    Embeddings embeddings;
    embeddings.dimensions = session.output_size();
    embeddings.skipped = cohort.skipped;
    struct Done {
        std::vector<EmbeddingRow> rows;
        std::vector<float> values;
        std::string trouble;
    };
    std::vector<Done> done(cohort.rows.size());
    {
        Progress progress("embedding", cohort.rows.size(), "recordings");
        parallel_for(cohort.rows.size(), options.threads, [&](std::size_t i) {
            Prepared prepared = prepare_row(cohort, cohort.rows[i], preprocessor, options);
            done[i].rows = describe(prepared, i, cohort.rows[i].start_s.value_or(0),
                                    preprocessor.recipe().window_seconds);
            done[i].trouble = std::move(prepared.trouble);
            for (const Window& window : prepared.windows) {
                const std::vector<float> values = session.run(window.samples);
                done[i].values.insert(done[i].values.end(), values.begin(), values.end());
            }
            progress.add();
        });
    }
    for (std::size_t i = 0; i < done.size(); ++i) {
        if (!done[i].trouble.empty())
            embeddings.skipped.emplace_back(cohort.rows[i].record, done[i].trouble);
        append_rows(embeddings, done[i].rows, done[i].values, options.mean);
    }
    if (embeddings.rows.empty()) {
        fail_input(
            "{}: none of the {} recordings could be used; the first: {}", cohort.source,
            cohort.rows.size(),
            embeddings.skipped.empty() ? "there is none" : embeddings.skipped.front().second);
    }
    return embeddings;
}

}  // namespace clef
