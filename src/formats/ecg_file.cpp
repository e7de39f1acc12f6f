#include "formats/ecg_file.hpp"

#include <algorithm>
#include <set>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/progress.hpp"
#include "base/text.hpp"
#include "formats/ecg_reader.hpp"
#include "formats/leads.hpp"
#include "formats/units.hpp"

namespace clef {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t bytes_to_recognise_by = 65536;

// A word for what a file seems to be, for the message that it is not read.
std::string describe(std::span<const std::byte> beginning) {
    const std::string_view text(reinterpret_cast<const char*>(beginning.data()), beginning.size());
    if (text.empty()) return "an empty file";
    if (text.starts_with("\x93NUMPY")) return "a NumPy array";
    if (text.starts_with("<?xml")) return "an XML file";
    if (text.size() > 132 && text.substr(128, 4) == "DICM") return "a DICOM file";
    if (text.starts_with("PK\x03\x04")) return "a ZIP archive";
    if (text.starts_with("\x1F\x8B")) return "a gzip-compressed file";
    return "a file of unknown kind";
}

std::string format_names() {
    std::vector<std::string> names;
    for (const EcgFormat& format : ecg_formats()) names.push_back(format.name);
    return join(names, ", ");
}

std::unique_ptr<const EcgReader> open_recognised(const FormatCandidate& candidate,
                                                 const ReadOptions& options) {
    for (const EcgFormat& format : ecg_formats()) {
        if (format.recognises(candidate)) return format.open(candidate.path, options);
    }
    return nullptr;
}

bool known_ecg_lead(const SignalInfo& signal) {
    return is_known_lead(signal.label) || is_known_lead(signal.name);
}

std::vector<std::size_t> find_signals(const RecordingInfo& info, const std::string& source,
                                      const std::vector<std::string>& wanted) {
    std::vector<std::size_t> chosen;
    for (const std::string& name : wanted) {
        const auto matches = [&](const auto& test) {
            return std::find_if(info.signals.begin(), info.signals.end(), test);
        };
        auto found = matches([&](const SignalInfo& signal) { return signal.label == name; });
        if (found == info.signals.end()) {
            found = matches([&](const SignalInfo& signal) {
                return same_lead(signal.label, name) || same_lead(signal.name, name);
            });
        }
        if (found == info.signals.end()) {
            fail_input("{}: no lead {}; the leads are: {}", source, name, join(info.leads, ", "));
        }
        chosen.push_back(static_cast<std::size_t>(found - info.signals.begin()));
    }
    return chosen;
}

void check_one_rate(const RecordingInfo& info, const std::string& source,
                    const std::vector<std::size_t>& signals) {
    const SignalInfo& first = info.signals[signals.front()];
    for (const std::size_t position : signals) {
        const SignalInfo& signal = info.signals[position];
        if (signal.sampling_rate == first.sampling_rate) continue;
        fail_input("{}: lead {} has {} Hz and lead {} {} Hz; read them one at a time", source,
                   first.name, first.sampling_rate, signal.name, signal.sampling_rate);
    }
}

void say_what_is_left_out(const RecordingInfo& info, const std::string& source,
                          const std::vector<std::size_t>& chosen) {
    if (chosen.size() == info.signals.size()) return;
    std::vector<std::string> others;
    for (const SignalInfo& signal : info.signals) {
        if (signal.sampling_rate != info.sampling_rate) others.push_back(signal.name);
    }
    note(fmt::format("{}: left out, being of another sampling rate: {}", source,
                     join(others, ", ")));
}

}  // namespace

std::vector<std::size_t> default_signals(const RecordingInfo& info) {
    if (info.signals.empty()) return {};
    const auto known = std::find_if(info.signals.begin(), info.signals.end(), known_ecg_lead);
    const double rate = (known == info.signals.end() ? info.signals.front() : *known).sampling_rate;
    std::vector<std::size_t> chosen;
    for (std::size_t i = 0; i < info.signals.size(); ++i) {
        if (info.signals[i].sampling_rate == rate) chosen.push_back(i);
    }
    return chosen;
}

void summarise_signals(RecordingInfo& info) {
    info.leads.clear();
    info.units.clear();
    for (const SignalInfo& signal : info.signals) {
        info.leads.push_back(signal.name);
        info.units.push_back(signal.unit);
    }
    const std::vector<std::size_t> chosen = default_signals(info);
    if (chosen.empty()) return;
    info.sampling_rate = info.signals[chosen.front()].sampling_rate;
    info.samples = info.signals[chosen.front()].samples;
}

std::unique_ptr<const EcgReader> open_ecg(const fs::path& path, const ReadOptions& options) {
    std::error_code ignored;
    if (fs::is_directory(path, ignored)) {
        fail_input("{}: a folder; expected one recording", path.string());
    }
    if (fs::is_regular_file(path, ignored)) {
        const MappedFile file(path);
        const auto beginning =
            file.bytes().first(std::min(file.bytes().size(), bytes_to_recognise_by));
        if (auto reader = open_recognised({path, beginning}, options)) return reader;
        fail_input("{}: {}, with no WFDB header beside it; the formats read are {}", path.string(),
                   describe(beginning), format_names());
    }
    if (path.extension() == ".hea") fail_input("{}: no such file", path.string());
    if (auto reader = open_recognised({path, {}}, options)) return reader;
    fail_input("{}: no such recording: neither this file nor {}.hea exists", path.string(),
               path.filename().string());
}

Recording read_ecg(const fs::path& path, const ReadOptions& options) {
    const auto reader = open_ecg(path, options);
    const RecordingInfo& info = reader->info();
    const std::string source = path.string();
    if (info.signals.empty()) fail_input("{}: the recording holds no signals", source);

    std::vector<std::size_t> signals;
    if (options.leads.empty()) {
        signals = default_signals(info);
        say_what_is_left_out(info, source, signals);
    } else {
        signals = find_signals(info, source, options.leads);
        check_one_rate(info, source, signals);
    }
    const std::uint64_t samples = info.signals[signals.front()].samples;
    if (samples == 0) fail_input("{}: the recording holds no samples", source);
    if (options.from >= options.to || options.from >= samples) {
        fail_input("{}: samples {} to {} asked for, but the recording has samples 0 to {}", source,
                   options.from, options.to, samples);
    }
    Recording recording;
    recording.source = source;
    recording.sampling_rate = info.signals[signals.front()].sampling_rate;
    recording.comments = info.comments;
    recording.leads = reader->read(signals, options.from, std::min(options.to, samples));
    return recording;
}

RecordingInfo read_ecg_info(const fs::path& path, const ReadOptions& options) {
    return open_ecg(path, options)->info();
}

}  // namespace clef
