#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "base/text.hpp"
#include "cohort/simulator/dipole_model.hpp"
#include "cohort/simulator/electrodes.hpp"
#include "cohort/simulator/rhythm.hpp"
#include "cohort/simulator/simulator.hpp"

namespace clef {

namespace {

constexpr double sampling_rate = 500;
constexpr double seconds = 10;
constexpr double units_per_millivolt = 1000;

using Digital = std::vector<long>;

Digital quantised(const std::vector<double>& millivolts) {
    constexpr double limit = 32767;  // of a 16-bit record; 32.8 mV
    Digital result(millivolts.size());
    for (std::size_t i = 0; i < result.size(); ++i) {
        const double units = std::round(millivolts[i] * units_per_millivolt);
        result[i] = static_cast<long>(std::clamp(units, -limit / 2, limit / 2));
    }
    return result;
}

void add_lead(Recording& recording, const std::string& name, const Digital& units) {
    Lead lead;
    lead.name = lead.label = name;
    lead.unit = "mV";
    lead.samples.reserve(units.size());
    for (const long unit : units) {
        lead.samples.push_back(static_cast<float>(static_cast<double>(unit) / units_per_millivolt));
    }
    recording.leads.push_back(std::move(lead));
}

// A combination a·I + b·II of digital leads, rounded to a whole unit.
Digital combined(const Digital& one, const Digital& two, double a, double b) {
    Digital result(one.size());
    for (std::size_t i = 0; i < one.size(); ++i) {
        result[i] = std::lround(a * static_cast<double>(one[i]) + b * static_cast<double>(two[i]));
    }
    return result;
}

Recording twelve_leads(const IndependentLeads& leads) {
    Recording recording;
    recording.source = "simulated";
    recording.sampling_rate = sampling_rate;
    recording.comments = {"simulated by clef: not a recording of a person"};
    const Digital one = quantised(leads[0]);
    const Digital two = quantised(leads[1]);
    add_lead(recording, "I", one);
    add_lead(recording, "II", two);
    add_lead(recording, "III", combined(one, two, -1, 1));
    add_lead(recording, "aVR", combined(one, two, -0.5, -0.5));
    add_lead(recording, "aVL", combined(one, two, 1, -0.5));
    add_lead(recording, "aVF", combined(one, two, -0.5, 1));
    const std::array<const char*, 6> precordial = {"V1", "V2", "V3", "V4", "V5", "V6"};
    for (std::size_t v = 0; v < precordial.size(); ++v) {
        add_lead(recording, precordial[v], quantised(leads[v + 2]));
    }
    return recording;
}

// What each recording has of its own: the state of the day, electrodes put on anew.
Heart heart_of_the_day(const Heart& heart, Random& random) {
    Heart today = heart;
    today.rate_bpm = std::clamp(heart.rate_bpm + random.normal(0, 5), 42.0, 125.0);
    today.rr_deviation_s *= std::exp(random.normal(0, 0.25));
    today.low_to_high *= std::exp(random.normal(0, 0.35));
    today.respiration_hz = std::clamp(heart.respiration_hz + random.normal(0, 0.03), 0.15, 0.4);
    today.st_level_mv += random.normal(0, 0.012);
    today.t_gain += random.normal(0, 0.05);
    for (double& angle : today.tilt) angle += random.normal(0, 0.06);
    for (double& shift : today.electrode_shift) {
        shift = std::clamp(shift + random.normal(0, 0.1), -0.8, 0.8);
    }
    return today;
}

double mean_rate(const std::vector<Beat>& beats) {
    std::vector<double> times;
    for (const Beat& beat : beats) {
        if (beat.time_s >= 0 && beat.time_s < seconds) times.push_back(beat.time_s);
    }
    return 60 * static_cast<double>(times.size() - 1) / (times.back() - times.front());
}

bool shows(const std::vector<Beat>& beats, BeatKind kind) {
    constexpr double margin = 0.15;  // the whole QRS complex must be visible
    return std::any_of(beats.begin(), beats.end(), [&](const Beat& beat) {
        return beat.kind == kind && beat.time_s > margin && beat.time_s < seconds - margin;
    });
}

std::string diagnosis_of(const Heart& heart, bool fibrillating, bool ventricular) {
    std::vector<std::string> found;
    if (heart.hypertrophy > Heart::hypertrophy_limit) found.push_back("LVH");
    if (heart.ischaemia > Heart::ischaemia_limit) found.push_back("ISC");
    if (heart.qrs_stretch > Heart::conduction_limit) found.push_back("CONDUCTION");
    if (fibrillating) found.push_back("AFIB");
    if (ventricular) found.push_back("PVC");
    return found.empty() ? "NORM" : join(found, ";");
}

}  // namespace

SimulatedRecording simulate_recording(const Heart& heart, std::uint64_t seed, std::uint64_t patient,
                                      std::size_t number, double noise) {
    Random random(seed, "simulated recording", number, patient);
    const Heart today = heart_of_the_day(heart, random);
    const bool fibrillating = random.chance(today.fibrillation);
    const double rate =
        fibrillating ? std::min(150.0, today.rate_bpm + random.uniform(0, 40)) : today.rate_bpm;
    const std::vector<Beat> beats = draw_beats(today, rate, fibrillating, seconds, random);
    const auto samples = static_cast<std::size_t>(seconds * sampling_rate);
    const Vectorcardiogram vcg = render_dipole(today, beats, sampling_rate, samples, random);
    IndependentLeads leads = project(vcg, today.electrode_shift);
    Random noise_random(seed, "simulated electrodes", number, patient);
    add_electrode_noise(leads, sampling_rate, today.respiration_hz, noise, noise_random);

    SimulatedRecording result;
    result.recording = twelve_leads(leads);
    result.heart_rate = mean_rate(beats);
    const bool ventricular = shows(beats, BeatKind::ventricular_ectopic);
    const bool ectopic = ventricular || shows(beats, BeatKind::atrial_ectopic);
    result.rhythm = fibrillating ? "AFIB" : ectopic ? "ECTOPY" : "SINUS";
    result.diagnosis = diagnosis_of(today, fibrillating, ventricular);
    return result;
}

}  // namespace clef
