#include "formats/matlab_reader.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "base/error.hpp"
#include "base/text.hpp"
#include "formats/matlab_file.hpp"
#include "formats/matrix_layout.hpp"
#include "formats/settled_reader.hpp"

namespace clef {

namespace {

constexpr std::uint64_t fewest_samples = 17;  // more than there can be leads

// Deflate does not compress further than this; a matrix larger than that is not in the file.
constexpr double highest_compression = 1100;

template <std::size_t Count>
const MatlabVariable* find_named(const std::vector<MatlabVariable>& variables,
                                 const std::array<std::string_view, Count>& names) {
    for (const MatlabVariable& variable : variables) {
        const std::size_t dot = variable.name.rfind('.');
        const std::string name =
            lower(dot == std::string::npos ? variable.name : variable.name.substr(dot + 1));
        if (std::find(names.begin(), names.end(), name) != names.end()) return &variable;
    }
    return nullptr;
}

bool could_be_recording(const MatlabVariable& variable) {
    return variable.is_matrix && std::max(variable.rows, variable.columns) >= fewest_samples &&
           std::min(variable.rows, variable.columns) > 0;
}

std::string list_text(const std::vector<MatlabVariable>& variables) {
    std::vector<std::string> parts;
    for (const MatlabVariable& variable : variables) {
        parts.push_back(
            fmt::format("{} ({} × {})", variable.name, variable.rows, variable.columns));
    }
    return parts.empty() ? "none" : join(parts, ", ");
}

MatlabVariable find_recording(const std::vector<MatlabVariable>& all, const ReadOptions& options,
                              const std::string& source) {
    std::vector<MatlabVariable> candidates;
    for (const MatlabVariable& variable : all) {
        const bool asked = options.variable.empty() || variable.name == options.variable;
        if (asked && could_be_recording(variable)) candidates.push_back(variable);
    }
    if (candidates.size() == 1) return candidates.front();
    if (!candidates.empty()) {
        fail_input("{}: several variables could hold the signals: {}; name one with --variable",
                   source, list_text(candidates));
    }
    fail_input("{}: no matrix of real numbers{} that could hold signals; the variables are: {}",
               source, options.variable.empty() ? "" : " called " + options.variable,
               list_text(all));
}

class MatlabReader final : public EcgReader {
  public:
    MatlabReader(const std::filesystem::path& path, const ReadOptions& options) : path_(path) {
        const std::string source = path.string();
        const std::vector<MatlabVariable> variables = list_matlab_variables(path);
        const MatlabVariable variable = find_recording(variables, options, source);
        variable_ = variable.name;
        const double bytes = static_cast<double>(std::filesystem::file_size(path));
        if (static_cast<double>(variable.rows) * static_cast<double>(variable.columns) >
            bytes * highest_compression) {
            fail_input("{}: {} is said to be {} × {}, more than a file of {} bytes can hold",
                       source, variable_, variable.rows, variable.columns, bytes);
        }
        layout_ = matrix_layout(variable.rows, variable.columns, source + ": " + variable_);
        PlainSignals file{"MATLAB", std::nullopt, {}, {}, layout_.samples};
        std::vector<std::string> said{
            fmt::format("variable {}, {} × {}: {}", variable_, variable.rows, variable.columns,
                        layout_.leads_are_rows ? "leads are rows" : "leads are columns")};
        constexpr std::array<std::string_view, 10> rates{
            "fs",    "sampling_rate", "samplingrate", "sample_rate",        "samplerate",
            "sfreq", "srate",         "fsample",      "sampling_frequency", "samplingfrequency"};
        const MatlabVariable* rate = find_named(variables, rates);
        if (rate != nullptr && rate->number && *rate->number > 0) {
            file.sampling_rate = rate->number;
            said.push_back(fmt::format("sampling rate from variable {}", rate->name));
        }
        constexpr std::array<std::string_view, 2> unit_names{"unit", "units"};
        const MatlabVariable* unit = find_named(variables, unit_names);
        const bool has_unit = unit != nullptr && !unit->text.empty();
        if (has_unit) said.push_back(fmt::format("unit from variable {}", unit->name));
        file.labels.resize(static_cast<std::size_t>(layout_.leads));
        file.units.resize(static_cast<std::size_t>(layout_.leads), has_unit ? unit->text : "");
        settled_ = settle_signals(file, options, source);
        settled_.info.comments = std::move(said);
    }

    const RecordingInfo& info() const override { return settled_.info; }

    std::vector<Lead> read(std::span<const std::size_t> signals, std::uint64_t from,
                           std::uint64_t to) const override {
        std::vector<Lead> leads;
        for (const std::size_t signal : signals) leads.push_back(read_lead(signal, from, to));
        return leads;
    }

  private:
    Lead read_lead(std::size_t signal, std::uint64_t from, std::uint64_t to) const {
        const SignalInfo& info = settled_.info.signals[signal];
        const UnitScale& scale = settled_.scales[signal];
        Lead lead{info.name, info.label, info.unit, scale.in_millivolts, {}};
        const MatlabPart part{layout_.leads_are_rows, signal, from, to};
        read_matlab_part(path_, variable_, part, [&](std::span<const double> numbers) {
            for (const double number : numbers) {
                const double value = number * scale.factor;
                // An infinity is no sample either.
                const bool good =
                    std::abs(value) <= static_cast<double>(std::numeric_limits<float>::max());
                lead.samples.push_back(good ? static_cast<float>(value)
                                            : std::numeric_limits<float>::quiet_NaN());
            }
        });
        return lead;
    }

    std::filesystem::path path_;
    std::string variable_;
    MatrixLayout layout_;
    SettledSignals settled_;
};

bool recognises(const FormatCandidate& candidate) {
    return is_matlab(candidate.beginning);
}

std::unique_ptr<const EcgReader> open(const std::filesystem::path& path,
                                      const ReadOptions& options) {
    return std::make_unique<MatlabReader>(path, options);
}

}  // namespace

EcgFormat matlab_format() {
    return {"MATLAB", "MATLAB levels 4, 5 and 7.3: one matrix of leads and samples", recognises,
            open, false};
}

}  // namespace clef
