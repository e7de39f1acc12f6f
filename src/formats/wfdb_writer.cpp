#include "formats/wfdb_writer.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <fmt/format.h>
#include <vector>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "formats/wfdb_encoders.hpp"

namespace clef {

namespace {

constexpr std::size_t flac_channels = 8;

bool is_single_line(std::string_view text) {
    return text.find_first_of("\r\n") == std::string_view::npos;
}

void check_names(const std::filesystem::path& record, const DigitalRecording& recording) {
    const std::string name = record.filename().string();
    const bool plain = std::all_of(name.begin(), name.end(), [](unsigned char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               c == '_' || c == '-';
    });
    if (name.empty() || !plain) {
        fail_input("{}: a WFDB record's name may hold only letters, digits, '_' and '-'",
                   record.string());
    }
    for (const DigitalSignal& signal : recording.signals) {
        const bool unit_fits = split_blanks(signal.unit).size() == 1 &&
                               trim(signal.unit) == signal.unit && is_single_line(signal.unit);
        if (!is_single_line(signal.label) || !unit_fits) {
            fail_input("{}: lead '{}' in '{}': a WFDB header cannot hold this name or unit",
                       record.string(), signal.label, signal.unit);
        }
    }
    for (const std::string& comment : recording.comments) {
        if (!is_single_line(comment)) {
            fail_input("{}: a comment with a line break cannot be written: '{}'", record.string(),
                       comment);
        }
    }
}

void check_shape(const std::filesystem::path& record, const DigitalRecording& recording) {
    if (recording.signals.empty() || recording.samples() == 0) {
        fail_input("{}: nothing to write: the recording has no samples", record.string());
    }
    for (const DigitalSignal& signal : recording.signals) {
        if (signal.samples.size() != recording.samples()) {
            fail_input("{}: lead {} has {} samples, lead {} has {}; all must have the same number",
                       record.string(), signal.label, signal.samples.size(),
                       recording.signals.front().label, recording.samples());
        }
    }
    if (!(recording.sampling_rate > 0) || !std::isfinite(recording.sampling_rate)) {
        fail_input("{}: sampling rate {}: expected a rate above zero", record.string(),
                   recording.sampling_rate);
    }
}

// Signals [first, first + count) of the record share a file.
struct SignalFile {
    std::string name;
    std::size_t first;
    std::size_t count;
};

std::vector<SignalFile> signal_files(const std::string& name, std::size_t signals,
                                     WfdbFormat format) {
    if (format != WfdbFormat::format_516 || signals <= flac_channels) {
        return {{name + ".dat", 0, signals}};
    }
    std::vector<SignalFile> files;
    for (std::size_t first = 0; first < signals; first += flac_channels) {
        files.push_back({fmt::format("{}_{}.dat", name, files.size() + 1), first,
                         std::min(flac_channels, signals - first)});
    }
    return files;
}

std::vector<std::int32_t> interleave(const DigitalRecording& recording, const SignalFile& file,
                                     std::int32_t invalid) {
    std::vector<std::int32_t> samples(file.count * recording.samples());
    for (std::size_t i = 0; i < file.count; ++i) {
        std::size_t at = i;
        for (const std::int32_t sample : recording.signals[file.first + i].samples) {
            samples[at] = sample == wfdb_missing ? invalid : sample;
            at += file.count;
        }
    }
    return samples;
}

std::string signal_line(const DigitalSignal& signal, const std::string& file, WfdbFormat format,
                        std::int32_t invalid) {
    std::uint16_t sum = 0;
    for (const std::int32_t sample : signal.samples) {
        const std::int32_t stored = sample == wfdb_missing ? invalid : sample;
        sum = static_cast<std::uint16_t>(sum + static_cast<std::uint16_t>(stored));
    }
    const std::int32_t first = signal.samples.front();
    return fmt::format("{} {} {}({})/{} {} {} {} {} 0 {}\n", file, static_cast<int>(format),
                       signal.gain, signal.baseline, signal.unit, signal.resolution,
                       signal.adc_zero, first == wfdb_missing ? invalid : first,
                       static_cast<std::int16_t>(sum), signal.label);
}

std::string header_text(const std::string& name, const DigitalRecording& recording,
                        const std::vector<SignalFile>& files, WfdbFormat format,
                        std::int32_t invalid) {
    std::string text = fmt::format("{} {} {} {}", name, recording.signals.size(),
                                   recording.sampling_rate, recording.samples());
    if (!recording.base_time.empty()) text += " " + recording.base_time;
    if (!recording.base_time.empty() && !recording.base_date.empty()) {
        text += " " + recording.base_date;
    }
    text += '\n';
    for (const SignalFile& file : files) {
        for (std::size_t i = file.first; i < file.first + file.count; ++i) {
            text += signal_line(recording.signals[i], file.name, format, invalid);
        }
    }
    for (const std::string& comment : recording.comments) text += fmt::format("# {}\n", comment);
    return text;
}

}  // namespace

void write_wfdb(const std::filesystem::path& record, const DigitalRecording& recording,
                WfdbFormat format) {
    check_names(record, recording);
    check_shape(record, recording);
    const std::int32_t invalid = find_wfdb_decoder(static_cast<int>(format))->invalid;
    check_digital_limits(recording, invalid + 1, -(invalid + 1),
                         fmt::format("WFDB format {}", static_cast<int>(format)));
    const std::string name = record.filename().string();
    const auto files = signal_files(name, recording.signals.size(), format);
    for (const SignalFile& file : files) {
        const auto samples = interleave(recording, file, invalid);
        const auto path = record.parent_path() / file.name;
        write_file(path, format == WfdbFormat::format_16    ? encode_wfdb_16(samples)
                         : format == WfdbFormat::format_212 ? encode_wfdb_212(samples)
                                                            : encode_flac_16(samples, file.count));
    }
    write_file(record.string() + ".hea", header_text(name, recording, files, format, invalid));
}

void write_wfdb(const std::filesystem::path& record, const Recording& recording,
                double units_per_millivolt) {
    DigitalRecording digital = quantise(recording, units_per_millivolt);
    digital.source = record.string();
    write_wfdb(record, digital, WfdbFormat::format_16);
}

}  // namespace clef
