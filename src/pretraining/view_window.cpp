#include "pretraining/view_window.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/error.hpp"

namespace clef {

namespace {

bool changes(const std::vector<float>& samples) {
    return std::any_of(samples.begin(), samples.end(),
                       [&](float value) { return value != samples[0]; });
}

bool has_sample(const std::vector<float>& samples) {
    return std::any_of(samples.begin(), samples.end(),
                       [](float value) { return !std::isnan(value); });
}

Recording with_usable_leads(Recording recording, const std::string& what) {
    std::erase_if(recording.leads, [](const Lead& lead) {
        return !has_sample(lead.samples) || !changes(lead.samples);
    });
    if (recording.leads.empty()) fail_input("{}: every lead is flat or missing", what);
    return recording;
}

std::vector<std::string> names_of(const Recording& recording) {
    std::vector<std::string> names;
    for (const Lead& lead : recording.leads) names.push_back(lead.name);
    return names;
}

}  // namespace

std::vector<LeadSamples> ViewWindow::filtered() const {
    std::vector<std::size_t> all(leads_.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    return filtered(all);
}

KeptWindow::KeptWindow(std::vector<std::string> leads, std::vector<std::span<const float>> rows)
    : ViewWindow(std::move(leads), rows.front().size()), rows_(std::move(rows)) {}

std::vector<LeadSamples> KeptWindow::filtered(std::span<const std::size_t> leads) const {
    std::vector<LeadSamples> result;
    for (const std::size_t lead : leads) result.emplace_back(rows_.at(lead));
    return result;
}

PreparedWindow::PreparedWindow(const ViewWindow& window)
    : ViewWindow(window.leads(), window.samples()), rows_(window.filtered()) {}

std::vector<LeadSamples> PreparedWindow::filtered(std::span<const std::size_t> leads) const {
    std::vector<LeadSamples> result;
    for (const std::size_t lead : leads) result.emplace_back(rows_.at(lead).samples());
    return result;
}

UnfilteredWindow::UnfilteredWindow(Recording recording, const Preprocessor& preprocessor,
                                   std::string what)
    : UnfilteredWindow(std::in_place, with_usable_leads(std::move(recording), what), preprocessor,
                       what) {}

UnfilteredWindow::UnfilteredWindow(std::in_place_t, Recording usable,
                                   const Preprocessor& preprocessor, std::string what)
    : ViewWindow(names_of(usable),
                 preprocessor.conditioned_samples(usable.samples(), usable.sampling_rate)),
      recording_(std::move(usable)),
      preprocessor_(preprocessor),
      what_(std::move(what)) {}

std::vector<LeadSamples> UnfilteredWindow::filtered(std::span<const std::size_t> leads) const {
    std::vector<std::span<const float>> samples;
    std::vector<std::string> names;
    for (const std::size_t lead : leads) {
        samples.emplace_back(recording_.leads.at(lead).samples);
        names.push_back(fmt::format("{}: lead {}", what_, recording_.leads[lead].name));
    }
    std::vector<LeadSamples> result;
    for (auto& row : preprocessor_.condition(samples, recording_.sampling_rate, names)) {
        result.emplace_back(std::move(row));
    }
    return result;
}

}  // namespace clef
