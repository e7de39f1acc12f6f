#include "signal/causal.hpp"

#include "base/error.hpp"

namespace clef {

CausalFilter::CausalFilter(const std::vector<FilterCoefficients>& sections) {
    for (const FilterCoefficients& filter : sections) {
        if (filter.b.empty() || filter.a.empty() || filter.b.size() > 3 || filter.a.size() > 3 ||
            filter.a[0] == 0) {
            fail_input("filter section: expected one to three coefficients and a[0] not zero");
        }
        Section section{};
        for (std::size_t i = 0; i < filter.b.size(); ++i) section.b[i] = filter.b[i] / filter.a[0];
        for (std::size_t i = 0; i < filter.a.size(); ++i) section.a[i] = filter.a[i] / filter.a[0];
        section.gain = (section.b[0] + section.b[1] + section.b[2]) /
                       (section.a[0] + section.a[1] + section.a[2]);
        section.steady[1] = section.b[2] - section.a[2] * section.gain;
        section.steady[0] = section.b[1] - section.a[1] * section.gain + section.steady[1];
        sections_.push_back(section);
    }
}

void CausalFilter::run(std::span<double> samples, State& state) const {
    if (samples.empty()) return;
    if (!state.started_) {
        double constant = samples.front();
        for (const Section& section : sections_) {
            state.values_.push_back(section.steady[0] * constant);
            state.values_.push_back(section.steady[1] * constant);
            constant *= section.gain;
        }
        state.started_ = true;
    }
    for (std::size_t i = 0; i < sections_.size(); ++i) {
        const Section& section = sections_[i];
        double first = state.values_[2 * i];
        double second = state.values_[2 * i + 1];
        for (double& sample : samples) {
            const double input = sample;
            const double output = section.b[0] * input + first;
            first = section.b[1] * input - section.a[1] * output + second;
            second = section.b[2] * input - section.a[2] * output;
            sample = output;
        }
        state.values_[2 * i] = first;
        state.values_[2 * i + 1] = second;
    }
}

}  // namespace clef
