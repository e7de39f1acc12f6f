#include "cohort/datasets/aurora_bp.hpp"

#include <unordered_map>
#include <utility>

#include "base/error.hpp"
#include "base/text.hpp"
#include "cohort/datasets/published_table.hpp"

namespace clef {

namespace {

namespace fs = std::filesystem;

const DatasetOrigin origin = {
    "Aurora-BP", "Microsoft, on request: github.com/microsoft/aurorabp-sample-data says how"};

struct Baseline {
    double sbp = 0, dbp = 0;  // mmHg
};

// pid → the first row that has both.
std::unordered_map<std::string, Baseline> read_baselines(const fs::path& root) {
    const PublishedTable table = read_published_table(
        root, "features.tsv", origin, {"pid", "baseline_sbp", "baseline_dbp"}, '\t');
    std::unordered_map<std::string, Baseline> baselines;
    for (std::size_t i = 0; i < table.rows(); ++i) {
        const auto sbp = table.number(i, "baseline_sbp", 20, 350);
        const auto dbp = table.number(i, "baseline_dbp", 5, 300);
        if (sbp && dbp) baselines.emplace(table.text(i, "pid"), Baseline{*sbp, *dbp});
    }
    return baselines;
}

class Reader {
  public:
    explicit Reader(const fs::path& root)
        : root_(root),
          table_(read_published_table(root, "participants.tsv", origin, {"pid"}, '\t')),
          baselines_(read_baselines(root)) {}

    void add_rows(Cohort& cohort) {
        for (std::size_t i = 0; i < table_.rows(); ++i) {
            const std::string pid = table_.text(i, "pid");
            if (pid.find_first_of("/\\") != std::string::npos) {
                fail_input("{}: found '{}', expected a participant such as a000",
                           table_.place(i, "pid"), pid);
            }
            if (!pid.starts_with('a')) {
                ++oscillometric;
                continue;
            }
            cohort.rows.push_back(row(i, pid));
            if (!cohort.rows.back().factors.sbp_mmhg) ++without_baseline;
        }
    }
    std::size_t oscillometric = 0;
    std::size_t without_baseline = 0;

  private:
    CohortRow row(std::size_t i, const std::string& pid) {
        CohortRow row;
        row.record =
            (root_ / "measurements_auscultatory" / pid / (pid + ".initial.Calibration_start_1.tsv"))
                .string();
        row.patient_id = pid;
        row.split = hashed_split("aurora-bp", pid);
        row.leads = {"ekg"};
        row.factors.age = table_.number(i, "age", 0, 130);
        constexpr double cm_per_inch = 2.54, kg_per_pound = 0.45359237;
        if (const auto inches = table_.number(i, "height", 1, 110)) {
            row.height_cm = *inches * cm_per_inch;
        }
        if (const auto pounds = table_.number(i, "weight", 1, 1500)) {
            row.weight_kg = *pounds * kg_per_pound;
        }
        const std::string_view sex = table_.cell(i, "gender");
        if (sex == "M") row.factors.sex = Sex::male;
        if (sex == "F") row.factors.sex = Sex::female;
        if (const auto yes = table_.number(i, "diabetes", 0, 1)) row.factors.diabetes = *yes == 1;
        const auto baseline = baselines_.find(pid);
        if (baseline != baselines_.end()) {
            row.factors.sbp_mmhg = baseline->second.sbp;
            row.dbp_mmhg = baseline->second.dbp;
        }
        return row;
    }

    fs::path root_;
    PublishedTable table_;
    std::unordered_map<std::string, Baseline> baselines_;
};

IndexResult index_aurora_bp(std::span<const fs::path> roots, const IndexOptions& options) {
    only_rate(options, 500, origin.title);
    if (roots.size() != 1) fail_input("Aurora-BP is one folder; found {}", roots.size());
    Reader reader(roots[0]);
    IndexResult result;
    result.cohort.dataset = "aurora-bp";
    result.cohort.source = (roots[0] / "participants.tsv").string();
    reader.add_rows(result.cohort);
    result.remarks = {"splits: by a hash of the participant, 70 % train, 15 % val, 15 % test",
                      "blood pressures are the participants' baselines (features.tsv)"};
    if (reader.oscillometric > 0) {
        result.remarks.push_back(fmt::format(
            "{} participants of the oscillometric protocol are left out", reader.oscillometric));
    }
    if (reader.without_baseline > 0) {
        result.remarks.push_back(fmt::format(
            "{} participants have no baseline in features.tsv: their blood pressure is empty",
            reader.without_baseline));
    }
    check_records(result, options, "");
    return result;
}

}  // namespace

Dataset aurora_bp_dataset() {
    return {"aurora-bp", "Aurora-BP: lead I at calibration, baseline blood pressure", origin.source,
            index_aurora_bp};
}

}  // namespace clef
