#include "cohort/datasets/icentia11k.hpp"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>

#include "base/error.hpp"
#include "base/progress.hpp"
#include "base/random.hpp"
#include "base/text.hpp"
#include "base/threads.hpp"
#include "cohort/datasets/beat_windows.hpp"
#include "formats/wfdb_annotations.hpp"

namespace clef {

namespace {

namespace fs = std::filesystem;

const std::string source = "PhysioNet, icentia11k-continuous-ecg 1.0";
constexpr double rate = 250;

// "p" and `digits` digits: p00 is a folder of patients, p00000 of one.
bool is_patient_name(const std::string& name, std::size_t digits) {
    return name.size() == digits + 1 && name[0] == 'p' &&
           std::all_of(name.begin() + 1, name.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::vector<fs::path> subfolders(const fs::path& folder, std::size_t digits) {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(folder)) {
        if (is_patient_name(entry.path().filename().string(), digits) && entry.is_directory()) {
            found.push_back(entry.path());
        }
    }
    return found;
}

// The patients' folders below the data set's folder, or below one of its p00 … p10.
std::vector<fs::path> patient_folders(const fs::path& root) {
    if (!fs::is_directory(root)) fail_input("{}: no such folder", root.string());
    std::vector<fs::path> patients = subfolders(root, 5);
    for (const fs::path& folder : subfolders(root, 2)) {
        const std::vector<fs::path> some = subfolders(folder, 5);
        patients.insert(patients.end(), some.begin(), some.end());
    }
    if (patients.empty()) {
        fail_input(
            "{}: no patients such as p00/p00000 in it; expected Icentia11k as published ({})",
            root.string(), source);
    }
    std::sort(patients.begin(), patients.end());
    return patients;
}

struct Patient {
    fs::path folder;
    std::string id;
    std::vector<std::string> segments;  // paths without ending, sorted
};

Patient read_patient(const fs::path& folder) {
    Patient patient{folder, folder.filename().string(), {}};
    for (const auto& entry : fs::directory_iterator(folder)) {
        const fs::path& path = entry.path();
        if (path.extension() == ".hea" && path.stem().string().starts_with(patient.id + "_s")) {
            patient.segments.push_back(fs::path(path).replace_extension().string());
        }
    }
    std::sort(patient.segments.begin(), patient.segments.end());
    return patient;
}

CohortRow row_of(const Patient& patient, const std::string& segment) {
    CohortRow row;
    row.record = segment;
    row.patient_id = patient.id;
    row.split = hashed_split("icentia11k", patient.id);
    return row;
}

// What one kind of window looks for in a segment: class → starts in seconds of fitting windows.
using Candidates = std::map<std::string, std::vector<double>>;

Candidates beat_candidates(const std::vector<Annotation>& annotations, const Extent& extent,
                           double seconds) {
    Candidates found;
    for (const Annotation& one : annotations) {
        if (one.symbol != "N" && one.symbol != "S" && one.symbol != "V") continue;
        const auto start = window_around(one.sample, extent, seconds);
        if (start) found[one.symbol].push_back(*start);
    }
    return found;
}

Candidates rhythm_candidates(const std::vector<Annotation>& annotations, const Extent& extent,
                             double seconds) {
    static const std::map<std::string, std::string> rhythms = {
        {"(N", "N"}, {"(AFIB", "AFIB"}, {"(AFL", "AFL"}};
    std::vector<const Annotation*> marks;
    for (const Annotation& one : annotations) {
        if (one.symbol == "+") marks.push_back(&one);
    }
    Candidates found;
    for (std::size_t i = 0; i < marks.size(); ++i) {
        // Notes may end in the zero byte that pads them.
        const auto rhythm = rhythms.find(marks[i]->text.c_str());
        if (rhythm == rhythms.end()) continue;
        const std::int64_t end = i + 1 < marks.size() ? marks[i + 1]->sample : extent.samples;
        const auto start = window_from(marks[i]->sample, end, extent, seconds);
        if (start) found[rhythm->second].push_back(*start);
    }
    return found;
}

enum class Kind { beat, rhythm };

// Segments whose annotations are absent or cannot be read.
struct Trouble {
    std::atomic<std::size_t> absent{0};
    std::atomic<std::size_t> broken{0};
    std::mutex mutex;
    std::string first;  // in the patients' order: the least

    void add(const std::string& message) {
        ++broken;
        const std::lock_guard lock(mutex);
        if (first.empty() || message < first) first = message;
    }
};

std::vector<CohortRow> windows_of(const Patient& patient, Kind kind, double seconds,
                                  Trouble& trouble) {
    const std::size_t classes = 3;
    std::map<std::string, CohortRow> rows;  // class → its window
    for (const std::string& segment : patient.segments) {
        if (rows.size() == classes) break;
        const fs::path file = segment + ".atr";
        if (!fs::is_regular_file(file)) {
            ++trouble.absent;
            continue;
        }
        Candidates candidates;
        try {
            const auto annotations = to_annotations(read_wfdb_annotation_file(file), rate);
            const Extent extent = extent_of(segment);
            candidates = kind == Kind::beat ? beat_candidates(annotations, extent, seconds)
                                            : rhythm_candidates(annotations, extent, seconds);
        } catch (const InputError& error) {
            trouble.add(error.what());
            continue;
        }
        for (const auto& [name, starts] : candidates) {
            if (rows.contains(name)) continue;
            Random random(0, "icentia11k window of " + patient.id + "/" + name);
            CohortRow row = row_of(patient, segment);
            row.start_s = starts[random.below(starts.size())];
            row.duration_s = seconds;
            row.extras = {name};
            rows.emplace(name, std::move(row));
        }
    }
    std::vector<CohortRow> result;
    for (auto& [name, row] : rows) result.push_back(std::move(row));
    return result;
}

void note_trouble(IndexResult& result, const Trouble& trouble) {
    if (trouble.absent > 0) {
        result.remarks.push_back(
            fmt::format("{} segments have no annotations (.atr)", trouble.absent.load()));
    }
    if (trouble.broken > 0) {
        result.remarks.push_back(fmt::format("{} segments could not be read, the first: {}",
                                             trouble.broken.load(), trouble.first));
    }
}

// Calls rows_of(patient) for all patients, several at a time; rows in the patients' order.
IndexResult index_patients(std::span<const fs::path> roots, const IndexOptions& options,
                           const std::function<std::vector<CohortRow>(const Patient&)>& rows_of) {
    only_rate(options, static_cast<int>(rate), "Icentia11k");
    IndexResult result;
    std::vector<fs::path> folders;
    for (const fs::path& root : roots) {
        std::string& from = result.cohort.source;
        from += (from.empty() ? "" : " + ") + root.string();
        const std::vector<fs::path> some = patient_folders(root);
        folders.insert(folders.end(), some.begin(), some.end());
    }
    std::vector<std::vector<CohortRow>> rows(folders.size());
    Progress progress("reading patients", folders.size(), "patients");
    parallel_for(folders.size(), options.threads, [&](std::size_t i) {
        rows[i] = rows_of(read_patient(folders[i]));
        progress.add();
    });
    for (std::vector<CohortRow>& some : rows) {
        std::move(some.begin(), some.end(), std::back_inserter(result.cohort.rows));
    }
    result.remarks = {"splits: by a hash of the patient, 70 % train, 15 % val, 15 % test"};
    compare_count(result, folders.size(), 11000, "patients");
    return result;
}

IndexResult index_windows(std::span<const fs::path> roots, const IndexOptions& options, Kind kind) {
    Trouble trouble;
    const double seconds = options.window_seconds;
    IndexResult result = index_patients(roots, options, [&](const Patient& patient) {
        return windows_of(patient, kind, seconds, trouble);
    });
    const std::string column = kind == Kind::beat ? "beat" : "rhythm";
    result.cohort.dataset = "icentia11k-" + column;
    result.cohort.extra_columns = {column};
    result.remarks.push_back(fmt::format(
        "at most one window of {} s per patient and class, {}", seconds,
        kind == Kind::beat ? "centred on the beat" : "from the rhythm's mark, within the rhythm"));
    note_trouble(result, trouble);
    return result;
}

IndexResult index_segments(std::span<const fs::path> roots, const IndexOptions& options) {
    IndexResult result = index_patients(roots, options, [](const Patient& patient) {
        std::vector<CohortRow> rows;
        for (const std::string& segment : patient.segments) {
            rows.push_back(row_of(patient, segment));
        }
        return rows;
    });
    result.cohort.dataset = "icentia11k";
    compare_count(result, result.cohort.rows.size(), 541794, "segments");
    return result;
}

}  // namespace

Dataset icentia11k_dataset() {
    return {"icentia11k", "Icentia11k 1.0: single-lead Holter ECGs, a row per segment of 70 min",
            source, index_segments};
}

Dataset icentia11k_beat_dataset() {
    return {"icentia11k-beat", "Icentia11k 1.0: windows around beats N, S, V", source,
            [](std::span<const fs::path> roots, const IndexOptions& options) {
                return index_windows(roots, options, Kind::beat);
            }};
}

Dataset icentia11k_rhythm_dataset() {
    return {"icentia11k-rhythm", "Icentia11k 1.0: windows of rhythms N, AFIB, AFL", source,
            [](std::span<const fs::path> roots, const IndexOptions& options) {
                return index_windows(roots, options, Kind::rhythm);
            }};
}

}  // namespace clef
