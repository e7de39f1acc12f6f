#include "cohort/simulator/simulator.hpp"

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/progress.hpp"
#include "base/random.hpp"
#include "base/threads.hpp"
#include "cohort/simulator/patient.hpp"
#include "formats/wfdb_writer.hpp"

namespace clef {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view readme_title = "Simulated electrocardiograms: not data\n";

void check_options(const SimulatorOptions& options) {
    if (options.patients < 1 || options.patients > 1'000'000) {
        fail_input("--patients {}: expected 1 to 1000000", options.patients);
    }
    if (options.recordings < 1 || options.recordings > 1000) {
        fail_input("--recordings {}: expected 1 to 1000 of each patient", options.recordings);
    }
    if (!(options.missing >= 0 && options.missing <= 1)) {
        fail_input("--missing {}: expected a fraction from 0 to 1", options.missing);
    }
    if (!(options.noise >= 0 && options.noise <= 100)) {
        fail_input("--noise {}: expected 0 to 100", options.noise);
    }
}

// Only a folder that is new, empty, or ours: nothing of anybody's is overwritten.
void claim_folder(const fs::path& folder) {
    make_folder(folder);
    const fs::path readme = folder / "README.txt";
    if (fs::is_empty(folder)) return;
    if (fs::exists(readme) && read_text_file(readme).rfind(readme_title, 0) == 0) {
        fs::remove_all(folder / "records");
        fs::remove(folder / "cohort.csv");
        return;
    }
    fail_input(
        "{}: the folder holds files that are not of a simulated cohort; give -o a new folder",
        folder.string());
}

std::string readme_text(const SimulatorOptions& options) {
    return fmt::format(
        "{}\n"
        "Everything in this folder was simulated by clef {}. No person was recorded. The "
        "patients'\n"
        "attributes resemble no measured population closely, and nothing here may be presented as\n"
        "data or as evidence about people.\n\n"
        "Waveform: three-dimensional dipole of Gaussian waves (McSharry et al. 2003; Sameni et "
        "al.\n"
        "2007) seen through Dower's lead vectors (1980), with electrode noise.\n"
        "Patients: risk factors drawn jointly with a latent disease burden b (column 'burden').\n"
        "{}\n\n"
        "patients {}\nrecordings of each {}\nseed {}\nmissing {}\nnoise {}\n\n"
        "Columns of cohort.csv beside the usual ones: diagnosis and rhythm (labels), heart_rate\n"
        "(beats per minute), true_risk (of an event within ten years, in the simulated world),\n"
        "burden. The splits are by patient.\n",
        readme_title, CLEF_VERSION,
        options.risk_shapes_waveform
            ? "Age, sex, blood pressure, body and burden shape the waveform."
            : "Control: the waveform is independent of age, sex, risk factors and burden.",
        options.patients, options.recordings, options.seed, options.missing, options.noise);
}

std::string split_of(std::uint64_t seed, std::uint64_t patient) {
    const double place = Random(seed, "simulated split", 0, patient).uniform();
    return place < 0.7 ? "train" : place < 0.85 ? "val" : "test";
}

CohortRow row_of(const SimulatedPatient& patient, const SimulatorOptions& options) {
    CohortRow row;
    row.patient_id = patient.id;
    row.split = split_of(options.seed, patient.index);
    row.height_cm = patient.height_cm;
    row.weight_kg = patient.weight_kg;
    row.factors.diabetes = patient.diabetes;
    Random random(options.seed, "simulated gaps", 0, patient.index);
    const auto known = [&](double chance) { return !random.chance(chance); };
    if (known(options.missing / 10)) row.factors.age = patient.age;
    if (known(options.missing / 10)) row.factors.sex = patient.sex;
    if (known(options.missing)) {
        row.factors.sbp_mmhg = patient.sbp_mmhg;
        row.dbp_mmhg = patient.dbp_mmhg;
    }
    if (known(options.missing)) {
        row.factors.total_cholesterol_mmol_l = patient.total_cholesterol_mmol_l;
    }
    if (known(options.missing)) row.factors.hdl_mmol_l = patient.hdl_mmol_l;
    if (known(options.missing)) row.factors.smoker = patient.smoker;
    return row;
}

void simulate_patient(const SimulatorOptions& options, std::uint64_t index, Cohort& cohort) {
    const SimulatedPatient patient = draw_patient(options.seed, index);
    const SimulatedPatient recorded =
        options.risk_shapes_waveform ? patient : draw_stranger(options.seed, index);
    const Heart heart = draw_heart(recorded, options.seed);
    CohortRow row = row_of(patient, options);
    for (std::size_t number = 0; number < options.recordings; ++number) {
        const SimulatedRecording one =
            simulate_recording(heart, options.seed, index, number, options.noise);
        row.record = fmt::format("records/{:03}/{}_{}", index / 1000, patient.id, number + 1);
        row.extras = {one.diagnosis, one.rhythm, fmt::format("{:.1f}", one.heart_rate),
                      fmt::format("{:.4f}", patient.true_risk),
                      fmt::format("{:.3f}", patient.burden)};
        write_wfdb(cohort.path_of(row), one.recording);
        cohort.rows[index * options.recordings + number] = row;
    }
}

}  // namespace

Cohort simulate(const SimulatorOptions& options, const fs::path& folder) {
    check_options(options);
    claim_folder(folder);
    write_file(folder / "README.txt", readme_text(options));
    for (std::size_t group = 0; group <= (options.patients - 1) / 1000; ++group) {
        make_folder(folder / "records" / fmt::format("{:03}", group));
    }
    Cohort cohort;
    cohort.source = (folder / "cohort.csv").string();
    cohort.folder = folder;
    cohort.dataset = "simulated";
    cohort.extra_columns = {"diagnosis", "rhythm", "heart_rate", "true_risk", "burden"};
    cohort.rows.resize(options.patients * options.recordings);
    Progress progress("simulating", cohort.rows.size(), "recordings");
    parallel_for(options.patients, options.threads, [&](std::size_t index) {
        simulate_patient(options, index, cohort);
        progress.add(options.recordings);
    });
    write_cohort(cohort, folder / "cohort.csv");
    return cohort;
}

}  // namespace clef
