#include "cohort/simulator/simulator.hpp"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <map>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/progress.hpp"
#include "cohort/simulator/patient.hpp"
#include "cohort/simulator/rhythm.hpp"
#include "cohort/task.hpp"
#include "formats/ecg_file.hpp"
#include "shared.hpp"

namespace clef {
namespace {

namespace fs = std::filesystem;

double mean(const std::vector<double>& x) {
    double sum = 0;
    for (const double value : x) sum += value;
    return sum / static_cast<double>(x.size());
}

double correlation(const std::vector<double>& x, const std::vector<double>& y) {
    const double mx = mean(x);
    const double my = mean(y);
    double xy = 0, xx = 0, yy = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        xy += (x[i] - mx) * (y[i] - my);
        xx += (x[i] - mx) * (x[i] - mx);
        yy += (y[i] - my) * (y[i] - my);
    }
    return xy / std::sqrt(xx * yy);
}

std::map<std::string, std::string> files_of(const fs::path& folder) {
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        if (!entry.is_regular_file()) continue;
        files[entry.path().lexically_relative(folder).string()] = read_text_file(entry.path());
    }
    return files;
}

std::vector<SimulatedPatient> patients(std::size_t count) {
    std::vector<SimulatedPatient> all;
    for (std::size_t i = 0; i < count; ++i) all.push_back(draw_patient(11, i));
    return all;
}

template <typename Measure>
std::vector<double> measured(const std::vector<SimulatedPatient>& all, const Measure& measure) {
    std::vector<double> values;
    for (const SimulatedPatient& patient : all) values.push_back(measure(patient));
    return values;
}

SimulatedRecording clean_recording(std::uint64_t patient) {
    return simulate_recording(draw_heart(draw_patient(5, patient), 5), 5, patient, 0, 0);
}

// Lowest and highest sample in mV.
std::pair<float, float> range_of(const Recording& recording, const std::string& lead) {
    const auto& samples = recording.lead(lead).samples;
    const auto [low, high] = std::minmax_element(samples.begin(), samples.end());
    return {*low, *high};
}

// Beats per minute from the peaks of the squared slope, summed over leads.
double rate_from_peaks(const Recording& recording) {
    std::vector<double> steep(recording.samples(), 0.0);
    for (const char* name : {"I", "II", "V2", "V4", "V6"}) {
        const auto& x = recording.lead(name).samples;
        for (std::size_t i = 10; i + 10 < x.size(); ++i) {
            for (std::size_t k = i - 10; k < i + 10; ++k) steep[i] += std::pow(x[k + 1] - x[k], 2);
        }
    }
    const double threshold = 0.4 * *std::max_element(steep.begin(), steep.end());
    std::vector<std::size_t> peaks;
    for (std::size_t i = 0; i < steep.size(); ++i) {
        if (steep[i] < threshold) continue;
        std::size_t best = i;
        const std::size_t end = std::min(steep.size(), i + 100);  // 0.2 s: one QRS complex
        for (std::size_t k = i; k < end; ++k) {
            if (steep[k] > steep[best]) best = k;
        }
        peaks.push_back(best);
        i = end;
    }
    return 60.0 * static_cast<double>(peaks.size() - 1) /
           (static_cast<double>(peaks.back() - peaks.front()) / recording.sampling_rate);
}

TEST(Simulator, SameSeedGivesTheSameBytesWithAnyNumberOfThreads) {
    set_quiet(true);
    const testing::TemporaryFolder folder;
    SimulatorOptions options;
    options.patients = 6;
    options.recordings = 2;
    options.threads = 1;
    simulate(options, folder.path() / "one");
    options.threads = 4;
    simulate(options, folder.path() / "four");
    const auto one = files_of(folder.path() / "one");
    EXPECT_EQ(one.size(), 2u * 12 + 2);
    EXPECT_TRUE(one == files_of(folder.path() / "four"));
    options.seed = 2;
    simulate(options, folder.path() / "four");  // its own folder may be written again
    const auto other = files_of(folder.path() / "four");
    EXPECT_NE(one.at("records/000/P00001_1.dat"), other.at("records/000/P00001_1.dat"));
}

TEST(Simulator, WritesACohortThatItsTasksCanRead) {
    set_quiet(true);
    const testing::TemporaryFolder folder;
    SimulatorOptions options;
    options.patients = 8;
    options.recordings = 2;
    const Cohort made = simulate(options, folder.path());
    const Cohort cohort = read_cohort(folder.path() / "cohort.csv");
    ASSERT_EQ(cohort.rows.size(), 16u);
    refuse_leaks(cohort);
    for (std::size_t i = 0; i < 16; ++i) {
        EXPECT_EQ(cohort.rows[i].record, made.rows[i].record);
        EXPECT_EQ(cohort.rows[i].extras, made.rows[i].extras);
        EXPECT_EQ(cohort.rows[i].factors.age, made.rows[i].factors.age);
    }
    const Recording recording = read_ecg(cohort.path_of(cohort.rows[3]));
    EXPECT_EQ(recording.leads.size(), 12u);
    EXPECT_EQ(recording.samples(), 5000u);
    EXPECT_EQ(recording.sampling_rate, 500);
    for (const char* name : {"diagnosis", "rhythm", "age", "risk"}) {
        const Task task = read_task(CLEF_SOURCE "/tasks/simulated-" + std::string(name) + ".toml");
        EXPECT_GE(make_targets(cohort, task).known_rows(), 8u) << name;
    }
    EXPECT_EQ(read_text_file(folder.path() / "README.txt").rfind("Simulated", 0), 0u);
}

TEST(Simulator, RefusesAFolderWithOtherFilesAndOddOptions) {
    const testing::TemporaryFolder folder;
    write_file(folder.path() / "thesis.txt", "precious");
    EXPECT_THROW(simulate({}, folder.path()), InputError);
    EXPECT_EQ(read_text_file(folder.path() / "thesis.txt"), "precious");
    SimulatorOptions options;
    options.missing = 1.5;
    EXPECT_THROW(simulate(options, folder.path() / "new"), InputError);
    options = {};
    options.patients = 0;
    EXPECT_THROW(simulate(options, folder.path() / "new"), InputError);
}

TEST(SimulatedRecording, ObeysEinthovenAndGoldbergerInDigitalUnits) {
    for (const std::uint64_t patient : {0, 1, 2}) {
        const Heart heart = draw_heart(draw_patient(3, patient), 3);
        const Recording recording = simulate_recording(heart, 3, patient, 0).recording;
        const auto units = [&](const char* lead, std::size_t i) {
            return std::lround(1000.0 * recording.lead(lead).samples[i]);
        };
        for (std::size_t i = 0; i < recording.samples(); ++i) {
            ASSERT_EQ(units("I", i) + units("III", i), units("II", i)) << i;
            ASSERT_LE(std::abs(2 * units("aVR", i) + units("I", i) + units("II", i)), 1) << i;
            ASSERT_LE(std::abs(2 * units("aVL", i) - 2 * units("I", i) + units("II", i)), 1) << i;
            ASSERT_LE(std::abs(2 * units("aVF", i) - 2 * units("II", i) + units("I", i)), 1) << i;
        }
    }
}

TEST(SimulatedRecording, LabelledHeartRateIsWhatThePeaksShow) {
    std::size_t seen = 0;
    for (std::uint64_t patient = 0; patient < 60; ++patient) {
        const SimulatedRecording one = clean_recording(patient);
        if (one.rhythm != "SINUS") continue;
        ++seen;
        EXPECT_NEAR(rate_from_peaks(one.recording) / one.heart_rate, 1, 0.02) << patient;
    }
    EXPECT_GT(seen, 30u);
}

TEST(SimulatedRecording, HasThePlausibleAmplitudesOfAnElectrocardiogram) {
    std::size_t deep_v1 = 0;
    std::size_t tall_v5 = 0;
    constexpr std::size_t count = 60;
    for (std::uint64_t patient = 0; patient < count; ++patient) {
        const Recording recording = clean_recording(patient).recording;
        const auto [low, high] = range_of(recording, "II");
        EXPECT_GT(high - low, 0.2) << patient;
        EXPECT_LT(high - low, 4.0) << patient;
        const auto [v1_low, v1_high] = range_of(recording, "V1");
        const auto [v5_low, v5_high] = range_of(recording, "V5");
        deep_v1 += -v1_low > v1_high;
        tall_v5 += v5_high > -v5_low;
    }
    // R progresses from V1, where S prevails, to V5, where R does.
    EXPECT_GT(deep_v1, count * 6 / 10);
    EXPECT_GT(tall_v5, count * 9 / 10);
}

TEST(SimulatedRecording, NoiseIsAddedToTheSameHeartBeats) {
    const Heart heart = draw_heart(draw_patient(5, 1), 5);
    const Recording clean = simulate_recording(heart, 5, 1, 0, 0).recording;
    const Recording noisy = simulate_recording(heart, 5, 1, 0, 1).recording;
    const Recording noisier = simulate_recording(heart, 5, 1, 0, 3).recording;
    double once = 0, thrice = 0;
    for (std::size_t i = 0; i < clean.samples(); ++i) {
        once += std::abs(noisy.lead("I").samples[i] - clean.lead("I").samples[i]);
        thrice += std::abs(noisier.lead("I").samples[i] - clean.lead("I").samples[i]);
    }
    EXPECT_GT(once / 5000, 0.002);
    EXPECT_NEAR(thrice / once, 3, 0.1);  // up to rounding to 1 µV
}

TEST(SimulatedRhythm, FibrillationIsIrregularAndSinusRhythmIsNot) {
    Heart heart;
    const auto variation = [&](bool fibrillating) {
        Random random(1, "test");
        std::vector<double> intervals, squares;
        for (const Beat& beat : draw_beats(heart, 80, fibrillating, 200, random)) {
            intervals.push_back(beat.rr_s);
            squares.push_back(beat.rr_s * beat.rr_s);
        }
        EXPECT_NEAR(mean(intervals), 0.75, 0.04);
        return std::sqrt(mean(squares) / std::pow(mean(intervals), 2) - 1);
    };
    EXPECT_NEAR(variation(true), 0.22, 0.03);
    EXPECT_NEAR(variation(false), heart.rr_deviation_s / 0.75, 0.015);
}

TEST(SimulatedRhythm, VentricularEctopicsComeEarlyAndPause) {
    Heart heart;
    heart.rr_deviation_s = 0.0;
    heart.ventricular_ectopics = 0.2;
    Random random(1, "test");
    const std::vector<Beat> beats = draw_beats(heart, 60, false, 100, random);
    std::size_t seen = 0;
    for (std::size_t i = 0; i + 1 < beats.size(); ++i) {
        if (beats[i].kind != BeatKind::ventricular_ectopic) continue;
        ++seen;
        EXPECT_LT(beats[i].rr_s, 0.75);
        EXPECT_NEAR(beats[i].rr_s + beats[i + 1].rr_s, 2.0, 1e-9);
        EXPECT_EQ(beats[i + 1].kind, BeatKind::sinus);
    }
    EXPECT_GT(seen, 5u);
}

TEST(SimulatedPatients, RiskFactorsAreDrawnJointly) {
    const auto all = patients(4000);
    const auto age = measured(all, [](const auto& p) { return p.age; });
    const auto burden = measured(all, [](const auto& p) { return p.burden; });
    const auto with = [&](const auto& measure, const std::vector<double>& other) {
        return correlation(measured(all, measure), other);
    };
    const auto sbp = [](const auto& p) { return p.sbp_mmhg; };
    const auto hdl = [](const auto& p) { return p.hdl_mmol_l; };
    const auto male = [](const auto& p) { return p.sex == Sex::male ? 1.0 : 0.0; };
    EXPECT_GE(*std::min_element(age.begin(), age.end()), 25);
    EXPECT_LE(*std::max_element(age.begin(), age.end()), 90);
    EXPECT_NEAR(mean(burden), 0, 0.06);
    EXPECT_GT(with(sbp, age), 0.3);
    EXPECT_GT(with(sbp, burden), 0.25);
    EXPECT_GT(with([](const auto& p) { return p.total_cholesterol_mmol_l; }, burden), 0.1);
    EXPECT_LT(with(hdl, burden), -0.1);
    EXPECT_LT(with(hdl, measured(all, male)), -0.3);
    EXPECT_GT(with([](const auto& p) { return p.smoker ? 1.0 : 0.0; }, burden), 0.1);
    EXPECT_GT(with([](const auto& p) { return p.diabetes ? 1.0 : 0.0; }, burden), 0.05);
    EXPECT_GT(with([](const auto& p) { return p.dbp_mmhg; }, measured(all, sbp)), 0.4);
    EXPECT_NEAR(correlation(age, burden), 0, 0.05);
    const double risk = mean(measured(all, [](const auto& p) { return p.true_risk; }));
    EXPECT_GT(risk, 0.05);
    EXPECT_LT(risk, 0.25);
}

TEST(SimulatedHearts, CarryTheBurdenUnlessTheyAreAStrangers) {
    const auto all = patients(4000);
    const auto burden = measured(all, [](const auto& p) { return p.burden; });
    const auto age = measured(all, [](const auto& p) { return p.age; });
    const auto hearts = [&](bool stranger, const auto& measure) {
        return measured(all, [&](const auto& p) {
            return measure(draw_heart(stranger ? draw_stranger(11, p.index) : p, 11));
        });
    };
    const auto hypertrophy = [](const Heart& h) { return h.hypertrophy; };
    const auto ischaemia = [](const Heart& h) { return h.ischaemia; };
    const auto rate = [](const Heart& h) { return h.rate_bpm; };
    const auto variability = [](const Heart& h) { return std::log(h.rr_deviation_s); };
    const auto t_wave = [](const Heart& h) { return h.t_gain; };
    EXPECT_GT(correlation(hearts(false, hypertrophy), burden), 0.3);
    EXPECT_GT(correlation(hearts(false, ischaemia), burden), 0.3);
    EXPECT_GT(correlation(hearts(false, rate), burden), 0.2);
    EXPECT_LT(correlation(hearts(false, t_wave), burden), -0.15);
    EXPECT_LT(correlation(hearts(false, variability), age), -0.3);
    for (const auto& other : {burden, age}) {
        EXPECT_NEAR(correlation(hearts(true, hypertrophy), other), 0, 0.05);
        EXPECT_NEAR(correlation(hearts(true, rate), other), 0, 0.05);
        EXPECT_NEAR(correlation(hearts(true, t_wave), other), 0, 0.05);
        EXPECT_NEAR(correlation(hearts(true, variability), other), 0, 0.05);
    }
}

TEST(Simulator, LeavesOutTheChosenFractionOfTheMetadata) {
    set_quiet(true);
    const testing::TemporaryFolder folder;
    SimulatorOptions options;
    options.patients = 300;
    options.recordings = 1;
    options.missing = 0.4;
    const Cohort cohort = simulate(options, folder.path());
    const auto missing = [&](const char* column) {
        const auto count =
            std::count_if(cohort.rows.begin(), cohort.rows.end(),
                          [&](const CohortRow& row) { return cohort.cell(row, column).empty(); });
        return static_cast<double>(count) / 300;
    };
    for (const char* column : {"sbp_mmhg", "total_cholesterol_mmol_l", "hdl_mmol_l", "smoker"}) {
        EXPECT_NEAR(missing(column), 0.4, 0.09) << column;  // about three standard errors
    }
    EXPECT_NEAR(missing("age"), 0.04, 0.035);
    EXPECT_NEAR(missing("sex"), 0.04, 0.035);
    EXPECT_EQ(missing("diagnosis"), 0);
    const auto train = std::count_if(cohort.rows.begin(), cohort.rows.end(),
                                     [](const CohortRow& row) { return row.split == "train"; });
    EXPECT_NEAR(static_cast<double>(train) / 300, 0.7, 0.08);
}

}  // namespace
}  // namespace clef
