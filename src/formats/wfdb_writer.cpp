#include "formats/wfdb_writer.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <fmt/format.h>
#include <vector>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/text.hpp"

namespace clef {

namespace {

constexpr std::int16_t invalid_sample = -32768;

bool is_single_line(std::string_view text) {
    return text.find_first_of("\r\n") == std::string_view::npos;
}

void check_names(const std::filesystem::path& record, const Recording& recording) {
    const std::string name = record.filename().string();
    const bool plain = std::all_of(name.begin(), name.end(), [](unsigned char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               c == '_' || c == '-';
    });
    if (name.empty() || !plain) {
        fail_input("{}: a WFDB record's name may hold only letters, digits, '_' and '-'",
                   record.string());
    }
    for (const Lead& lead : recording.leads) {
        const bool unit_fits = split_blanks(lead.unit).size() <= 1 && trim(lead.unit) == lead.unit;
        if (!is_single_line(lead.name) || !unit_fits) {
            fail_input("{}: lead '{}' in '{}': a WFDB header cannot hold this name or unit",
                       record.string(), lead.name, lead.unit);
        }
    }
    for (const std::string& comment : recording.comments) {
        if (!is_single_line(comment)) {
            fail_input("{}: a comment with a line break cannot be written: '{}'", record.string(),
                       comment);
        }
    }
}

void check_shape(const std::filesystem::path& record, const Recording& recording,
                 double units_per_millivolt) {
    if (recording.leads.empty() || recording.samples() == 0) {
        fail_input("{}: nothing to write: the recording has no samples", record.string());
    }
    for (const Lead& lead : recording.leads) {
        if (lead.samples.size() != recording.samples()) {
            fail_input("{}: lead {} has {} samples, lead {} has {}; all must have the same number",
                       record.string(), lead.name, lead.samples.size(),
                       recording.leads.front().name, recording.samples());
        }
    }
    if (!(recording.sampling_rate > 0) || !std::isfinite(recording.sampling_rate)) {
        fail_input("{}: sampling rate {}: expected a rate above zero", record.string(),
                   recording.sampling_rate);
    }
    if (!(units_per_millivolt > 0) || !std::isfinite(units_per_millivolt)) {
        fail_input("{}: {} units per millivolt: expected a number above zero", record.string(),
                   units_per_millivolt);
    }
}

std::int16_t to_digital(const std::filesystem::path& record, const Lead& lead, std::size_t index,
                        double units_per_millivolt) {
    const float value = lead.samples[index];
    if (std::isnan(value)) return invalid_sample;
    const double digital = std::round(static_cast<double>(value) * units_per_millivolt);
    if (!(std::abs(digital) <= 32767)) {
        fail_input(
            "{}: lead {}, sample {}: {} {} does not fit; the limit at {} units per {} is {:g}",
            record.string(), lead.name, index, value, lead.unit, units_per_millivolt, lead.unit,
            32767 / units_per_millivolt);
    }
    return static_cast<std::int16_t>(digital);
}

std::vector<std::int16_t> interleave(const std::filesystem::path& record,
                                     const Recording& recording, double units_per_millivolt) {
    const std::size_t count = recording.leads.size();
    std::vector<std::int16_t> digital(count * recording.samples());
    for (std::size_t lead = 0; lead < count; ++lead) {
        for (std::size_t i = 0; i < recording.samples(); ++i) {
            digital[i * count + lead] =
                to_digital(record, recording.leads[lead], i, units_per_millivolt);
        }
    }
    return digital;
}

std::string little_endian(const std::vector<std::int16_t>& digital) {
    std::string bytes;
    bytes.reserve(2 * digital.size());
    for (const std::int16_t sample : digital) {
        const auto bits = static_cast<std::uint16_t>(sample);
        bytes += static_cast<char>(bits & 0xFF);
        bytes += static_cast<char>(bits >> 8);
    }
    return bytes;
}

std::string header_text(const std::string& name, const Recording& recording,
                        const std::vector<std::int16_t>& digital, double units_per_millivolt) {
    const std::size_t count = recording.leads.size();
    std::string text =
        fmt::format("{} {} {} {}\n", name, count, recording.sampling_rate, recording.samples());
    for (std::size_t i = 0; i < count; ++i) {
        std::uint16_t sum = 0;
        for (std::size_t at = i; at < digital.size(); at += count) {
            sum = static_cast<std::uint16_t>(sum + static_cast<std::uint16_t>(digital[at]));
        }
        const Lead& lead = recording.leads[i];
        const std::string unit = lead.in_millivolts || lead.unit.empty() ? "mV" : lead.unit;
        text += fmt::format("{}.dat 16 {}(0)/{} 16 0 {} {} 0 {}\n", name, units_per_millivolt, unit,
                            digital[i], static_cast<std::int16_t>(sum), lead.name);
    }
    for (const std::string& comment : recording.comments) text += fmt::format("# {}\n", comment);
    return text;
}

}  // namespace

void write_wfdb(const std::filesystem::path& record, const Recording& recording,
                double units_per_millivolt) {
    check_names(record, recording);
    check_shape(record, recording, units_per_millivolt);
    const std::vector<std::int16_t> digital = interleave(record, recording, units_per_millivolt);
    const std::string name = record.filename().string();
    write_file(record.string() + ".dat", little_endian(digital));
    write_file(record.string() + ".hea",
               header_text(name, recording, digital, units_per_millivolt));
}

}  // namespace clef
