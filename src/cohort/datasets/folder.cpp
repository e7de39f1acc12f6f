#include "cohort/datasets/folder.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include "base/error.hpp"
#include "base/progress.hpp"
#include "base/text.hpp"
#include "base/threads.hpp"
#include "cohort/datasets/folder_files.hpp"
#include "cohort/datasets/header_comments.hpp"
#include "cohort/recording_quality.hpp"
#include "formats/ecg_reader.hpp"

namespace clef {

namespace {

namespace fs = std::filesystem;

struct Opened {
    fs::path path;
    std::optional<RecordingInfo> info;
    std::string trouble;  // of a file that is a recording by its content
};

Opened open_candidate(const fs::path& path, const ReadOptions& options) {
    Opened opened{path, std::nullopt, ""};
    try {
        if (!may_be_recording(path)) return opened;
        const RecordingInfo info = open_ecg(path, options)->info();
        if (info.signals.empty()) fail_input("{}: the recording holds no signals", path.string());
        opened.info = info;
    } catch (const InputError& error) {
        opened.trouble = error.what();
    }
    return opened;
}

CohortRow make_row(const Opened& opened) {
    const RecordingInfo& info = *opened.info;
    CohortRow row;
    row.record = record_name(opened.path);
    row.patient_id = row.record;
    for (const std::size_t i : ecg_signals(info)) {
        std::string name = info.signals[i].name;
        std::replace(name.begin(), name.end(), ' ', '_');  // blanks separate the names
        if (!name.empty()) row.leads.push_back(name);
    }
    const AgeAndSex person = age_and_sex(info.comments);
    row.factors.age = person.age;
    row.factors.sex = person.sex;
    const double seconds = static_cast<double>(info.samples) / info.sampling_rate;
    row.extras = {info.format, fmt::format("{:.10g}", info.sampling_rate),
                  fmt::format("{}", info.samples), fmt::format("{:.6g}", seconds)};
    return row;
}

struct Counts {
    std::map<std::string, std::size_t> formats;
    std::map<std::string, std::size_t> other_endings;  // of files that are no recordings
    std::size_t with_age_or_sex = 0;
    std::size_t segments = 0;
    std::size_t unreadable_folders = 0;
};

std::string list(const std::map<std::string, std::size_t>& counts) {
    std::vector<std::pair<std::string, std::size_t>> sorted(counts.begin(), counts.end());
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
    constexpr std::size_t shown = 8;
    std::vector<std::string> parts;
    for (std::size_t i = 0; i < std::min(shown, sorted.size()); ++i) {
        parts.push_back(fmt::format("{} {}", sorted[i].second, sorted[i].first));
    }
    return join(parts, ", ") + (sorted.size() > shown ? ", …" : "");
}

std::size_t total(const std::map<std::string, std::size_t>& counts) {
    std::size_t sum = 0;
    for (const auto& [name, count] : counts) sum += count;
    return sum;
}

std::vector<std::string> remarks_on(const Counts& counts) {
    std::vector<std::string> remarks = {"recordings by format: " + list(counts.formats)};
    if (!counts.other_endings.empty()) {
        remarks.push_back(fmt::format("{} files are no recordings: {}", total(counts.other_endings),
                                      list(counts.other_endings)));
    }
    if (counts.segments > 0) {
        remarks.push_back(fmt::format("{} segments of multi-segment records are read through those",
                                      counts.segments));
    }
    if (counts.unreadable_folders > 0) {
        remarks.push_back(fmt::format("{} folders could not be opened", counts.unreadable_folders));
    }
    if (counts.with_age_or_sex > 0) {
        remarks.push_back(
            fmt::format("age or sex of {} recordings are from their headers' comments (\"Age: "
                        "63\", \"Sex: F\", or \"69 M …\" as in MIT-BIH)",
                        counts.with_age_or_sex));
    }
    remarks.push_back("no patient ids, labels or splits: add them to the table as columns");
    return remarks;
}

void add_opened(const Opened& opened, Cohort& cohort, Counts& counts) {
    if (!opened.trouble.empty()) {
        cohort.skipped.emplace_back(record_name(opened.path), opened.trouble);
    } else if (opened.info) {
        cohort.rows.push_back(make_row(opened));
        const RiskFactors& factors = cohort.rows.back().factors;
        counts.with_age_or_sex += factors.age || factors.sex ? 1 : 0;
        ++counts.formats[opened.info->format];
    } else {
        const std::string ending = opened.path.extension().string();
        ++counts.other_endings[ending.empty() ? "without an ending" : ending];
    }
}

void refuse_empty(const Cohort& cohort) {
    if (!cohort.rows.empty()) return;
    if (!cohort.skipped.empty()) {
        fail_input("{}: none of the {} recordings can be read; the first: {}", cohort.source,
                   cohort.skipped.size(), cohort.skipped.front().second);
    }
    std::vector<std::string> names;
    for (const EcgFormat& format : ecg_formats()) names.push_back(format.name);
    fail_input("{}: no recordings in it; the formats read are {}", cohort.source,
               join(names, ", "));
}

IndexResult index_folder(std::span<const fs::path> roots, const IndexOptions& options) {
    if (options.sampling_rate != 0) fail_input("--sampling-rate: a folder has the rates it has");
    IndexResult result;
    Cohort& cohort = result.cohort;
    cohort.has_patient_ids = false;
    cohort.extra_columns = {"format", "sampling_rate_hz", "samples", "seconds"};
    Counts counts;
    std::vector<fs::path> candidates;
    for (const fs::path& root : roots) {
        cohort.source += (cohort.source.empty() ? "" : " + ") + root.string();
        const FolderFiles files = scan_folder(root);
        candidates.insert(candidates.end(), files.candidates.begin(), files.candidates.end());
        counts.segments += files.segments;
        counts.unreadable_folders += files.unreadable_folders;
    }
    std::vector<Opened> opened(candidates.size());
    {
        Progress progress("opening", candidates.size(), "files");
        parallel_for(candidates.size(), options.threads, [&](std::size_t i) {
            opened[i] = open_candidate(candidates[i], options.read);
            progress.add();
        });
    }
    for (const Opened& one : opened) add_opened(one, cohort, counts);
    if (options.strict && !cohort.skipped.empty()) {
        fail_input("{}: {} of {} recordings cannot be read; the first: {}", cohort.source,
                   cohort.skipped.size(), cohort.skipped.size() + cohort.rows.size(),
                   cohort.skipped.front().second);
    }
    refuse_empty(cohort);
    result.remarks = remarks_on(counts);
    return result;
}

}  // namespace

Dataset folder_dataset() {
    return {"folder", "any folder of recordings, without labels (the default)",
            "your own recordings", index_folder};
}

}  // namespace clef
