#include "runtime/embedding_run.hpp"

#include <chrono>

#include "base/digest.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "base/instruction_sets.hpp"
#include "base/progress.hpp"
#include "base/text.hpp"
#include "runtime/shard_note.hpp"

namespace clef {

namespace {

namespace fs = std::filesystem;

void add_text(Sha256& digest, const std::string& text) {
    const std::string framed = fmt::format("{}:{},", text.size(), text);
    digest.update(std::as_bytes(std::span(framed)));
}

// What the table asks for, whichever machine reads it.
std::string digest_of_rows(const Cohort& cohort) {
    Sha256 digest;
    for (const CohortRow& row : cohort.rows) {
        add_text(digest, row.record);
        add_text(digest, row.patient_id);
        add_text(digest, fmt::format("{}", row.start_s.value_or(-1)));
        add_text(digest, fmt::format("{}", row.duration_s.value_or(-1)));
    }
    return digest.hex();
}

// Not skip_bad: what is left out is not in the rows, so that a run which a bad recording ended goes
// on with it. Not threads: the bytes do not depend on them.
nlohmann::json describe_run(const Cohort& cohort, const Preprocessor& preprocessor,
                            const EmbedOptions& options, const EmbeddingRun& run,
                            Precision precision) {
    const ReadOptions& reading = options.reading;
    nlohmann::json json = {
        {"model", run.model_digest()},
        {"recipe", recipe_json(preprocessor.recipe())},
        {"recordings", cohort.rows.size()},
        {"inputs", digest_of_rows(cohort)},
        {"leads", join(options.leads, " ")},
        {"pad", options.pad_short},
        {"mean", options.mean},
        {"lead names", join(reading.lead_names, " ")},
        {"units", reading.units.value_or("")},
        {"variable", reading.variable},
        {"clef", CLEF_VERSION},
    };
    if (!options.leads_as.empty()) json["leads as"] = join(options.leads_as, " ");
    json["precision"] = precision_name(precision);
    json["min quality"] = options.min_quality ? nlohmann::json(*options.min_quality) : nullptr;
    json["fs"] = reading.sampling_rate ? nlohmann::json(*reading.sampling_rate) : nullptr;
    return json;
}

fs::path skipped_path(const EmbeddingRun& run, const fs::path& output) {
    if (!run.shard) return output.parent_path() / "skipped.csv";
    fs::path path = output;
    return path.replace_extension(".skipped.csv");
}

// "1204 windows · 802/s" behind the bar.
class WindowRate {
  public:
    std::string add(std::size_t windows) {
        windows_ += windows;
        const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start_;
        return fmt::format("{} windows · {:.1f} windows/s", windows_,
                           static_cast<double>(windows_) / std::max(1e-3, elapsed.count()));
    }

  private:
    std::size_t windows_ = 0;
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

void embed_rest(const Cohort& cohort, const Session& session, const Preprocessor& preprocessor,
                const EmbedOptions& options, std::pair<std::size_t, std::size_t> range,
                EmbeddingFiles& files) {
    const std::size_t first = range.first + files.progress().recordings;
    if (first > range.first || files.resumed()) {
        note(fmt::format("goes on behind {} of {} recordings", first - range.first,
                         range.second - range.first));
    }
    Progress progress("embedding", range.second - first, "recordings");
    WindowRate rate;
    try {
        embed_recordings(cohort, first, range.second, session, preprocessor, options,
                         [&](const EmbeddedRecording& done) {
                             files.append(cohort, done);
                             progress.set_detail(rate.add(done.windows));
                             progress.add();
                         });
    } catch (const InputError& error) {
        if (!files.has_journal()) throw;
        fail_input("{}\nWhat was done before is kept: the same command goes on from there",
                   error.what());
    }
}

}  // namespace

EmbeddingOutput embed_to_files(const Cohort& cohort, const Session& session,
                               const Preprocessor& preprocessor, const EmbedOptions& options,
                               const EmbeddingRun& run) {
    const Shard shard = run.shard.value_or(Shard{});
    const auto range = shard.range(cohort.rows.size());
    EmbeddingFilesOptions how;
    how.output = run.shard ? shard_path(run.output, shard) : run.output;
    how.skipped = skipped_path(run, how.output);
    how.dimensions = session.output_size();
    how.checkpoint_seconds = run.checkpoint_seconds;
    how.restart = run.restart;
    how.describe_run = [&] {
        nlohmann::json json = describe_run(cohort, preprocessor, options, run, session.precision());
        json["shard"] = shard.text();
        return json;
    };
    EmbeddingFiles files(how);
    if (!files.resumed() && shard.index == 1) {
        for (const auto& [record, reason] : cohort.skipped) files.append_skipped(record, reason);
    }
    embed_rest(cohort, session, preprocessor, options, range, files);
    const EmbeddingProgress& done = files.progress();
    if (done.rows == 0 && !run.shard) {
        fail_nothing_embedded(cohort.source, cohort.rows.size(), done.first_trouble);
    }
    if (run.shard) remove_shard_note(how.output);
    files.finish();
    if (run.shard) {
        write_shard_note(
            how.output,
            {shard, describe_run(cohort, preprocessor, options, run, session.precision()), done,
             session.output_size(), instruction_sets().front()});
    }
    fs::path table = how.output;
    table.replace_extension(".csv");
    return {how.output, table, how.skipped, done, session.output_size()};
}

}  // namespace clef
