#include "cohort/simulator/electrodes.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace clef {

namespace {

constexpr double pi = std::numbers::pi;

constexpr std::array<Vector3, independent_leads> dower = {{
    {0.632, -0.235, 0.059},   // I
    {0.235, 1.066, -0.132},   // II
    {-0.515, 0.157, -0.917},  // V1
    {0.044, 0.164, -1.387},   // V2
    {0.882, 0.098, -1.277},   // V3
    {1.213, 0.127, -0.601},   // V4
    {1.125, 0.127, -0.086},   // V5
    {0.831, 0.076, 0.230},    // V6
}};

// The lead vector `shift` of the way to the neighbour; at the ends of the row the same straight on.
Vector3 shifted_row(std::size_t lead, double shift) {
    const Vector3& here = dower[lead];
    const bool forward = (shift > 0 && lead + 1 < dower.size()) || lead == 2;
    const Vector3& there = dower[forward ? lead + 1 : lead - 1];
    const double amount = forward ? shift : -shift;
    Vector3 row{};
    for (std::size_t i = 0; i < 3; ++i) row[i] = here[i] + amount * (there[i] - here[i]);
    return row;
}

using Signal = std::vector<double>;

// sin(2π·hz·i/rate + phase) for i = 0, 1, 2, … by rotation: a recording's length adds no visible
// error, and it takes a fraction of a sine's time.
class Oscillator {
  public:
    Oscillator(double hz, double rate, double phase)
        : sine_(std::sin(phase)),
          cosine_(std::cos(phase)),
          step_sine_(std::sin(2 * pi * hz / rate)),
          step_cosine_(std::cos(2 * pi * hz / rate)) {}

    double next() {
        const double value = sine_;
        sine_ = value * step_cosine_ + cosine_ * step_sine_;
        cosine_ = cosine_ * step_cosine_ - value * step_sine_;
        return value;
    }

  private:
    double sine_, cosine_, step_sine_, step_cosine_;
};

struct NoiseLevels {
    double wander, muscle, mains, motion_chance;
};

NoiseLevels draw_levels(double scale, Random& random) {
    return {scale * 0.05 * std::exp(random.normal(0, 0.7)),
            scale * 0.012 * std::exp(random.normal(0, 0.6)),
            scale * 0.0015 * std::exp(random.normal(0, 0.8)), 0.04};
}

void add_wander(Signal& signal, double rate, double level, double respiration_hz, Random& random) {
    constexpr std::array<double, 4> slow = {0.05, 0.11, 0.21, 0.42};  // Hz
    for (std::size_t k = 0; k <= slow.size(); ++k) {
        const double hz = k < slow.size() ? slow[k] * random.uniform(0.8, 1.2) : respiration_hz;
        const double size = level * random.normal() * (k == 3 ? 0.3 : 0.8);
        Oscillator wave(hz, rate, random.uniform(0, 2 * pi));
        for (double& sample : signal) sample += size * wave.next();
    }
}

// White noise between two first-order corners, near 20 and 120 Hz, that swells and fades.
void add_muscle(Signal& signal, double rate, double level, Random& random) {
    const double keep_fast = std::exp(-2 * pi * 120 / rate);
    const double keep_slow = std::exp(-2 * pi * 20 / rate);
    level *= std::exp(random.normal(0, 0.3));
    const double swell_hz = random.uniform(0.05, 0.4);
    Oscillator swell(swell_hz, rate, random.uniform(0, 2 * pi));
    double fast = 0;
    double slow = 0;
    for (double& sample : signal) {
        const double white = random.normal();
        fast = keep_fast * fast + (1 - keep_fast) * white;
        slow = keep_slow * slow + (1 - keep_slow) * white;
        // 1.8: about unit deviation again.
        sample += 1.8 * level * (1 + 0.6 * swell.next()) * (fast - slow);
    }
}

// An electrode that is pulled: a fast rise and an exponential return.
void add_motion(Signal& signal, double rate, double scale, Random& random) {
    const double seconds = static_cast<double>(signal.size()) / rate;
    const double start = random.uniform(-0.5, seconds);
    const double size = scale * random.normal(0, 0.35);
    const double rise = random.uniform(0.03, 0.15);
    const double fall = random.uniform(0.2, 0.9);
    const double first = std::clamp(start * rate, 0.0, static_cast<double>(signal.size()));
    for (auto i = static_cast<std::size_t>(first); i < signal.size(); ++i) {
        const double since = std::max(0.0, static_cast<double>(i) / rate - start);
        signal[i] += size * (1 - std::exp(-since / rise)) * std::exp(-since / fall);
    }
}

void add_mains(Signal& signal, double rate, double level, double phase, Random& random) {
    const double size = level * std::exp(random.normal(0, 0.5));
    Oscillator hum(50, rate, phase);
    for (double& sample : signal) sample += size * hum.next();
}

}  // namespace

IndependentLeads project(const Vectorcardiogram& vcg, const std::array<double, 6>& shift) {
    IndependentLeads leads;
    for (std::size_t lead = 0; lead < leads.size(); ++lead) {
        const Vector3 row = lead < 2 ? dower[lead] : shifted_row(lead, shift[lead - 2]);
        leads[lead].resize(vcg[0].size());
        for (std::size_t i = 0; i < vcg[0].size(); ++i) {
            leads[lead][i] = row[0] * vcg[0][i] + row[1] * vcg[1][i] + row[2] * vcg[2][i];
        }
    }
    return leads;
}

void add_electrode_noise(IndependentLeads& leads, double sampling_rate, double respiration_hz,
                         double scale, Random& random) {
    if (scale == 0) return;
    const NoiseLevels levels = draw_levels(scale, random);
    const double mains_phase = random.uniform(0, 2 * pi);
    std::array<Signal, 9> electrodes;  // right arm, left arm, left leg, V1 … V6
    for (Signal& electrode : electrodes) {
        electrode.assign(leads[0].size(), 0.0);
        add_wander(electrode, sampling_rate, levels.wander, respiration_hz, random);
        add_muscle(electrode, sampling_rate, levels.muscle, random);
        add_mains(electrode, sampling_rate, levels.mains, mains_phase, random);
        if (random.chance(levels.motion_chance)) {
            add_motion(electrode, sampling_rate, scale, random);
        }
    }
    const Signal& right = electrodes[0];
    const Signal& left = electrodes[1];
    const Signal& foot = electrodes[2];
    for (std::size_t i = 0; i < leads[0].size(); ++i) {
        const double terminal = (right[i] + left[i] + foot[i]) / 3;  // Wilson's
        leads[0][i] += left[i] - right[i];
        leads[1][i] += foot[i] - right[i];
        for (std::size_t v = 2; v < leads.size(); ++v)
            leads[v][i] += electrodes[v + 1][i] - terminal;
    }
}

}  // namespace clef
