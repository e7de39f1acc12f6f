#include "cohort/simulator/rhythm.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace clef {

namespace {

constexpr double lead_in = 2.5;  // seconds simulated before and after the recording

// The slow and the respiratory variation of the RR interval, in seconds, as a function of time.
class RateVariation {
  public:
    RateVariation(const Heart& heart, Random& random) {
        const double high_share = 1 / (1 + heart.low_to_high);
        add_peak(0.1, heart.rr_deviation_s * std::sqrt(1 - high_share), random);
        add_peak(heart.respiration_hz, heart.rr_deviation_s * std::sqrt(high_share), random);
    }

    double at(double time_s) const {
        double sum = 0;
        for (const Wave& wave : waves_) {
            sum += wave.amplitude * std::cos(2 * std::numbers::pi * wave.hz * time_s + wave.phase);
        }
        return sum;
    }

  private:
    struct Wave {
        double hz, amplitude, phase;
    };

    // Nine cosines over ±2 widths of a Gaussian peak whose total power is deviation².
    void add_peak(double centre_hz, double deviation, Random& random) {
        constexpr int reach = 4;
        constexpr double width_hz = 0.01;
        double power = 0;
        const std::size_t first = waves_.size();
        for (int k = -reach; k <= reach; ++k) {
            const double distance = 0.5 * k;  // in widths
            const double density = std::exp(-distance * distance / 2);
            power += density;
            waves_.push_back({centre_hz + distance * width_hz, std::sqrt(2 * density),
                              random.uniform(0, 2 * std::numbers::pi)});
        }
        for (std::size_t i = first; i < waves_.size(); ++i) {
            waves_[i].amplitude *= deviation / std::sqrt(power);
        }
    }

    std::vector<Wave> waves_;
};

std::vector<Beat> fibrillating_beats(double mean_rr, double end, Random& random) {
    std::vector<Beat> beats;
    constexpr double spread = 0.22;
    for (double time = -lead_in; time < end;) {
        const double rr =
            std::clamp(mean_rr * std::exp(random.normal(-spread * spread / 2, spread)), 0.32, 2.0);
        time += rr;
        beats.push_back({time, rr, BeatKind::fibrillation});
    }
    return beats;
}

}  // namespace

std::vector<Beat> draw_beats(const Heart& heart, double rate_bpm, bool fibrillating, double seconds,
                             Random& random) {
    const double mean_rr = 60 / rate_bpm;
    const double end = seconds + lead_in;
    if (fibrillating) return fibrillating_beats(mean_rr, end, random);
    const RateVariation variation(heart, random);
    std::vector<Beat> beats;
    double last = -lead_in - random.uniform(0, mean_rr);  // the last beat of any kind
    double node = last;                                   // the sinus node's own last firing
    bool early_allowed = false;                           // never two ectopic beats in a row
    while (last < end) {
        const double rr = std::clamp(mean_rr + variation.at(node), 0.4, 1.6);
        const bool ventricular = early_allowed && random.chance(heart.ventricular_ectopics);
        const bool atrial = early_allowed && !ventricular && random.chance(heart.atrial_ectopics);
        early_allowed = !ventricular && !atrial;
        if (ventricular) {
            const double time = node + rr * random.uniform(0.52, 0.72);
            beats.push_back({time, time - last, BeatKind::ventricular_ectopic});
            last = time;
            node += rr;  // this firing finds the ventricles refractory
        } else if (atrial) {
            const double time = node + rr * random.uniform(0.6, 0.8);
            beats.push_back({time, time - last, BeatKind::atrial_ectopic});
            last = node = time;
        } else {
            node += rr;
            beats.push_back({node, node - last, BeatKind::sinus});
            last = node;
        }
    }
    return beats;
}

}  // namespace clef
