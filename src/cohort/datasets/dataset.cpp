#include "cohort/datasets/dataset.hpp"

#include <algorithm>
#include <utility>

#include "base/error.hpp"
#include "base/progress.hpp"
#include "base/random.hpp"
#include "base/text.hpp"
#include "base/threads.hpp"
#include "cohort/datasets/aurora_bp.hpp"
#include "cohort/datasets/chapman.hpp"
#include "cohort/datasets/cinc2017.hpp"
#include "cohort/datasets/cpsc2018.hpp"
#include "cohort/datasets/folder.hpp"
#include "cohort/datasets/icentia11k.hpp"
#include "cohort/datasets/ludb.hpp"
#include "cohort/datasets/mc_med.hpp"
#include "cohort/datasets/mimic_iv_ecg.hpp"
#include "cohort/datasets/mitdb.hpp"
#include "cohort/datasets/music.hpp"
#include "cohort/datasets/ptbxl.hpp"

namespace clef {

namespace {

// Tables of several data sets can be joined only if each row says where it is from.
Dataset with_dataset_column(Dataset dataset) {
    const auto index = dataset.index;
    dataset.index = [index](std::span<const std::filesystem::path> roots,
                            const IndexOptions& options) {
        IndexResult result = index(roots, options);
        result.cohort.extra_columns.push_back("dataset");
        for (CohortRow& row : result.cohort.rows) row.extras.push_back(result.cohort.dataset);
        return result;
    };
    return dataset;
}

}  // namespace

const std::vector<Dataset>& datasets() {
    static const std::vector<Dataset> all = [] {
        std::vector<Dataset> list;
        for (const auto& make :
             {ptbxl_dataset, chapman_dataset, icentia11k_dataset, icentia11k_beat_dataset,
              icentia11k_rhythm_dataset, mimic_iv_ecg_dataset, mimic_iv_ecg_lvef_dataset,
              mc_med_dataset, music_dataset, aurora_bp_dataset, cinc2017_dataset, cpsc2018_dataset,
              mitdb_dataset, mitdb_beat_dataset, ludb_dataset}) {
            list.push_back(with_dataset_column(make()));
        }
        list.push_back(folder_dataset());
        return list;
    }();
    return all;
}

const Dataset& find_dataset(const std::string& name) {
    std::vector<std::string> names;
    for (const Dataset& dataset : datasets()) {
        if (dataset.name == name) return dataset;
        names.push_back(dataset.name);
    }
    fail_input("no data set '{}'.{}", name, suggestion(name, names));
}

std::filesystem::path require_file(const std::filesystem::path& root, const std::string& name,
                                   const std::string& dataset, const std::string& source) {
    const std::filesystem::path path = root / name;
    if (std::filesystem::is_regular_file(path)) return path;
    fail_input("{}: no file {}; expected the folder of {} as published ({})", root.string(), name,
               dataset, source);
}

std::string hashed_split(const std::string& dataset, const std::string& patient) {
    const double place = Random(0, "split of " + dataset + "/" + patient).uniform();
    return place < 0.7 ? "train" : place < 0.85 ? "val" : "test";
}

void check_records(IndexResult& result, const IndexOptions& options, const std::string& ending) {
    std::vector<CohortRow>& rows = result.cohort.rows;
    std::vector<char> there(rows.size(), 0);
    // Hundreds of thousands of files take a while on a network's disk; pieces keep the bar cheap.
    constexpr std::size_t piece = 1000;
    const std::size_t pieces = (rows.size() + piece - 1) / piece;
    Progress progress("looking for recordings", rows.size(), "recordings");
    parallel_for(pieces, 0, [&](std::size_t p) {
        const std::size_t end = std::min((p + 1) * piece, rows.size());
        for (std::size_t i = p * piece; i < end; ++i) {
            std::filesystem::path file = result.cohort.path_of(rows[i]);
            file += ending;
            there[i] = std::filesystem::is_regular_file(file) ? 1 : 0;
        }
        progress.add(end - p * piece);
    });
    std::vector<CohortRow> kept;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (there[i] == 0) ++result.missing_records;
        if (there[i] != 0 || !options.skip_missing) kept.push_back(std::move(rows[i]));
    }
    rows = std::move(kept);
    if (result.missing_records == 0) return;
    result.remarks.push_back(fmt::format("{} rows have no signal file{}", result.missing_records,
                                         options.skip_missing ? " and are left out" : ""));
}

std::vector<std::string> records_below(const std::filesystem::path& folder) {
    namespace fs = std::filesystem;
    if (!fs::is_directory(folder)) fail_input("{}: no such folder", folder.string());
    std::vector<std::string> records;
    const auto options = fs::directory_options::skip_permission_denied;
    for (const auto& entry : fs::recursive_directory_iterator(folder, options)) {
        if (entry.path().extension() == ".hea" && entry.is_regular_file()) {
            records.push_back(fs::path(entry.path()).replace_extension().string());
        }
    }
    std::sort(records.begin(), records.end());
    return records;
}

void compare_count(IndexResult& result, std::size_t found, std::size_t published,
                   const std::string& what) {
    if (found == published) return;
    const bool part = static_cast<double>(found) < 0.9 * static_cast<double>(published);
    result.remarks.push_back(
        part ? fmt::format("{} of the {} {} published: a part of the data set", found, published,
                           what)
             : fmt::format("{} {}, but {} are published: check that the download is complete and "
                           "of the version named",
                           found, what, published));
}

void only_rate(const IndexOptions& options, int rate, const std::string& dataset) {
    if (options.sampling_rate == 0 || options.sampling_rate == rate) return;
    fail_input("--sampling-rate {}: {} has {} Hz", options.sampling_rate, dataset, rate);
}

}  // namespace clef
