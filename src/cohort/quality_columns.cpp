// The quality of a cohort's recordings as columns of its table.
#include <algorithm>
#include <array>
#include <cmath>

#include "base/error.hpp"
#include "base/progress.hpp"
#include "base/text.hpp"
#include "base/threads.hpp"
#include "cohort/quality_notes.hpp"
#include "cohort/recording_quality.hpp"
#include "formats/leads.hpp"

namespace clef {

namespace {

constexpr std::array column_names = {"quality",       "quality_lead",       "missing_fraction",
                                     "flat_fraction", "saturated_fraction", "noise",
                                     "checksum"};

std::vector<std::size_t> chosen_signals(const RecordingInfo& info, const std::string& source,
                                        const std::string& lead) {
    if (info.signals.empty()) fail_input("{}: the recording holds no signals", source);
    if (lead.empty()) return ecg_signals(info);
    for (std::size_t i = 0; i < info.signals.size(); ++i) {
        if (same_lead(info.signals[i].label, lead) || same_lead(info.signals[i].name, lead)) {
            return {i};
        }
    }
    std::string names;
    for (const std::string& name : info.leads) names += (names.empty() ? "" : ", ") + name;
    fail_input("{}: no lead {}; the leads are: {} (the quality of a derived lead is not measured)",
               source, lead, names);
}

// "ok", "mismatch: V1 V2", "none" where the header says none, "" where the format has none.
std::string checksum_text(const EcgReader& reader) {
    const std::vector<Checksum> checksums = reader.checksums();
    if (checksums.empty()) return "";
    std::vector<std::string> wrong;
    for (std::size_t i = 0; i < checksums.size(); ++i) {
        if (checksums[i] == Checksum::mismatch) wrong.push_back(reader.info().leads[i]);
    }
    if (!wrong.empty()) return "mismatch: " + join(wrong, " ");
    return *std::max_element(checksums.begin(), checksums.end()) == Checksum::ok ? "ok" : "none";
}

MeasuredQuality measure(const Cohort& cohort, const CohortRow& row,
                        const QualityColumnOptions& options) {
    MeasuredQuality measured;
    try {
        const std::filesystem::path path = cohort.path_of(row);
        const auto reader = open_ecg(path, options.read);
        const auto signals = chosen_signals(reader->info(), path.string(), options.lead);
        const double rate = reader->info().signals[signals.front()].sampling_rate;
        QualityStretch stretch;
        if (row.start_s)
            stretch.from = static_cast<std::uint64_t>(std::llround(*row.start_s * rate));
        if (row.duration_s) {
            stretch.to =
                stretch.from + static_cast<std::uint64_t>(std::llround(*row.duration_s * rate));
        }
        const auto found = recording_quality(*reader, path.string(), signals, stretch);
        for (const SignalQuality& signal : found) {
            const QualitySummary summary = summarise(signal);
            if (!measured.lead.empty() && summary.quality >= measured.summary.quality) continue;
            measured.summary = summary;
            measured.lead = signal.name;
        }
        if (!row.start_s && !row.duration_s) measured.checksum = checksum_text(*reader);
    } catch (const InputError& error) {
        measured.trouble = error.what();
    }
    return measured;
}

std::vector<std::string> cells(const MeasuredQuality& measured) {
    if (!measured.trouble.empty()) return std::vector<std::string>(column_names.size());
    const QualitySummary& summary = measured.summary;
    const auto number = [](double value) {
        return std::isnan(value) ? std::string() : fmt::format("{:.4g}", value);
    };
    return {number(summary.quality),   measured.lead,
            number(summary.missing),   number(summary.flat),
            number(summary.saturated), number(summary.noise),
            measured.checksum};
}

// Everything that a measurement depends on besides the recording.
std::string settings_of(const QualityColumnOptions& options) {
    const ReadOptions& read = options.read;
    return fmt::format("{}|{}|{}|{}|{}", options.lead, read.sampling_rate.value_or(0),
                       read.units.value_or(""), join(read.lead_names, " "), read.variable);
}

// Where each column stands among the extras, after adding those that are not there.
std::vector<std::size_t> place_columns(Cohort& cohort) {
    std::vector<std::size_t> places;
    for (const char* name : column_names) {
        auto& columns = cohort.extra_columns;
        auto found = std::find(columns.begin(), columns.end(), name);
        if (found == columns.end()) found = columns.insert(columns.end(), name);
        places.push_back(static_cast<std::size_t>(found - columns.begin()));
    }
    for (CohortRow& row : cohort.rows) row.extras.resize(cohort.extra_columns.size());
    return places;
}

std::string remark_on(std::size_t unreadable, std::size_t below,
                      const QualityColumnOptions& options) {
    std::string remark = fmt::format(
        "quality: median over windows of 10 s of {}; 1 is clean, {:g} and more acceptable",
        options.lead.empty() ? "the ECG lead where it is lowest" : "lead " + options.lead,
        acceptable_quality);
    if (below > 0) {
        remark += fmt::format("; {} recordings below {:g} are left out", below,
                              options.min_quality.value_or(0));
    }
    if (unreadable > 0 && !options.drop_unreadable) {
        remark += fmt::format("; {} recordings could not be read and have none", unreadable);
    }
    return remark;
}

}  // namespace

std::string add_quality_columns(Cohort& cohort, const QualityColumnOptions& options) {
    std::vector<MeasuredQuality> measured(cohort.rows.size());
    {
        QualityNotes notes(options.notes, settings_of(options));
        if (notes.found() > 0) {
            note(fmt::format("{}: {} recordings were measured before", options.notes.string(),
                             notes.found()));
        }
        Progress progress("measuring quality", cohort.rows.size(), "recordings");
        parallel_for(cohort.rows.size(), options.threads, [&](std::size_t i) {
            const std::string key = QualityNotes::key_of(cohort, cohort.rows[i]);
            if (const auto known = notes.find(key)) {
                measured[i] = *known;
            } else {
                measured[i] = measure(cohort, cohort.rows[i], options);
                // What could not be read may be mended before the next run.
                if (measured[i].trouble.empty()) notes.add(key, measured[i]);
            }
            progress.add();
        });
    }
    const std::vector<std::size_t> places = place_columns(cohort);
    std::vector<CohortRow> kept;
    std::size_t unreadable = 0;
    std::size_t below = 0;
    for (std::size_t i = 0; i < measured.size(); ++i) {
        CohortRow& row = cohort.rows[i];
        const MeasuredQuality& found = measured[i];
        const bool failed = !found.trouble.empty();
        unreadable += failed ? 1 : 0;
        if (failed && options.strict) fail_input("{}", found.trouble);
        if (failed && (options.drop_unreadable || options.min_quality)) {
            cohort.skipped.emplace_back(row.record, found.trouble);
            continue;
        }
        if (!failed && options.min_quality && found.summary.quality < *options.min_quality) {
            ++below;
            cohort.skipped.emplace_back(
                row.record,
                fmt::format("{}: quality {:.3f} (lead {}) is below --min-quality {:g}", row.record,
                            found.summary.quality, found.lead, *options.min_quality));
            continue;
        }
        const auto texts = cells(found);
        for (std::size_t c = 0; c < places.size(); ++c) row.extras[places[c]] = texts[c];
        kept.push_back(std::move(row));
    }
    cohort.rows = std::move(kept);
    return remark_on(unreadable, below, options);
}

}  // namespace clef
