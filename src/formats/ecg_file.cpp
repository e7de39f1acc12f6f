#include "formats/ecg_file.hpp"

#include <algorithm>
#include <mutex>
#include <set>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/progress.hpp"
#include "base/text.hpp"
#include "formats/derived_leads.hpp"
#include "formats/ecg_reader.hpp"
#include "formats/leads.hpp"
#include "formats/settled_reader.hpp"

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

const EcgFormat* find_recognised(const FormatCandidate& candidate) {
    for (const EcgFormat& format : ecg_formats()) {
        if (format.recognises(candidate)) return &format;
    }
    return nullptr;
}

std::unique_ptr<const EcgReader> open_recognised(const FormatCandidate& candidate,
                                                 const ReadOptions& options) {
    const EcgFormat* format = find_recognised(candidate);
    if (format == nullptr) return nullptr;
    auto reader = format->open(candidate.path, options);
    if (!format->describes_itself) return reader;
    return settle_reader(std::move(reader), options, candidate.path.string());
}

std::span<const std::byte> beginning_of(const MappedFile& file) {
    return file.bytes().first(std::min(file.bytes().size(), bytes_to_recognise_by));
}

bool known_ecg_lead(const SignalInfo& signal) {
    return is_known_lead(signal.label) || is_known_lead(signal.name);
}

// The position of the signal with this name or any alias of it.
std::optional<std::size_t> find_signal(const RecordingInfo& info, const std::string& name) {
    const auto matches = [&](const auto& test) {
        return std::find_if(info.signals.begin(), info.signals.end(), test);
    };
    auto found = matches([&](const SignalInfo& signal) { return signal.label == name; });
    if (found == info.signals.end()) {
        found = matches([&](const SignalInfo& signal) {
            return same_lead(signal.label, name) || same_lead(signal.name, name);
        });
    }
    if (found == info.signals.end()) return std::nullopt;
    return static_cast<std::size_t>(found - info.signals.begin());
}

// What has to be read for the leads wanted, and how each comes of it.
struct Plan {
    struct Wanted {
        std::size_t first = 0;   // index into `signals`
        std::size_t second = 0;  // of a derived lead
        std::optional<LeadFormula> formula;
    };
    std::vector<std::size_t> signals;  // positions in the file, each once
    std::vector<Wanted> wanted;

    std::size_t index_of(std::size_t signal) {
        const auto found = std::find(signals.begin(), signals.end(), signal);
        const auto index = static_cast<std::size_t>(found - signals.begin());
        if (found == signals.end()) signals.push_back(signal);
        return index;
    }
};

Plan plan_leads(const RecordingInfo& info, const std::string& source,
                const std::vector<std::string>& names) {
    Plan plan;
    for (const std::string& name : names) {
        if (const auto signal = find_signal(info, name)) {
            plan.wanted.push_back({plan.index_of(*signal), 0, std::nullopt});
            continue;
        }
        const std::optional<LeadFormula> formula = find_lead_formula(name, info.leads);
        if (!formula) {
            fail_input("{}: no lead {}; the leads are: {}", source, name, join(info.leads, ", "));
        }
        const auto position = [&](const std::string& lead) {
            const auto found = std::find(info.leads.begin(), info.leads.end(), lead);
            return plan.index_of(static_cast<std::size_t>(found - info.leads.begin()));
        };
        const std::size_t first = position(formula->leads[0]);
        plan.wanted.push_back({first, position(formula->leads[1]), formula});
    }
    return plan;
}

void refuse_unless_millivolts(const Lead& lead, const LeadFormula& formula,
                              const std::string& source) {
    if (lead.in_millivolts) return;
    fail_input("{}: no lead {}, and it cannot be derived as {}: lead {} is in '{}', not in volts",
               source, formula.wanted, formula.text(), lead.name, lead.unit);
}

// Once for each formula: a cohort may have thousands of such recordings.
void say_derived(const LeadFormula& formula, const std::string& source) {
    static std::mutex mutex;
    static std::set<std::string> said;
    const std::lock_guard lock(mutex);
    const std::string text = fmt::format("{} = {}", formula.wanted, formula.text());
    if (!said.insert(text).second) return;
    note(fmt::format("{}: no lead {}: derived, {} (said once)", source, formula.wanted, text));
}

std::vector<Lead> assemble(const Plan& plan, std::vector<Lead> read, const std::string& source) {
    const bool as_read =
        read.size() == plan.wanted.size() &&
        std::none_of(plan.wanted.begin(), plan.wanted.end(),
                     [](const Plan::Wanted& wanted) { return wanted.formula.has_value(); });
    if (as_read) return read;
    std::vector<Lead> leads;
    for (const Plan::Wanted& wanted : plan.wanted) {
        if (!wanted.formula) {
            leads.push_back(read[wanted.first]);
            continue;
        }
        refuse_unless_millivolts(read[wanted.first], *wanted.formula, source);
        refuse_unless_millivolts(read[wanted.second], *wanted.formula, source);
        say_derived(*wanted.formula, source);
        leads.push_back(derive_lead(*wanted.formula, read[wanted.first], read[wanted.second]));
    }
    return leads;
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

const EcgFormat* find_format(const fs::path& path) {
    std::error_code ignored;
    if (!fs::is_regular_file(path, ignored)) return find_recognised({path, {}});
    try {
        const MappedFile file(path);
        return find_recognised({path, beginning_of(file)});
    } catch (const InputError&) {
        return nullptr;
    }
}

std::unique_ptr<const EcgReader> open_ecg(const fs::path& path, const ReadOptions& options) {
    std::error_code ignored;
    if (fs::is_directory(path, ignored)) {
        fail_input("{}: a folder; expected one recording", path.string());
    }
    if (fs::is_regular_file(path, ignored)) {
        const MappedFile file(path);
        const auto beginning = beginning_of(file);
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

    Plan plan;
    if (options.leads.empty()) {
        plan.signals = default_signals(info);
        say_what_is_left_out(info, source, plan.signals);
    } else {
        plan = plan_leads(info, source, options.leads);
        check_one_rate(info, source, plan.signals);
    }
    const SignalInfo& first = info.signals[plan.signals.front()];
    if (first.samples == 0) fail_input("{}: the recording holds no samples", source);
    if (options.from >= options.to || options.from >= first.samples) {
        fail_input("{}: samples {} to {} asked for, but the recording has samples 0 to {}", source,
                   options.from, options.to, first.samples);
    }
    Recording recording;
    recording.source = source;
    recording.sampling_rate = first.sampling_rate;
    recording.comments = info.comments;
    recording.leads = reader->read(plan.signals, options.from, std::min(options.to, first.samples));
    if (!options.leads.empty()) {
        recording.leads = assemble(plan, std::move(recording.leads), source);
    }
    return recording;
}

RecordingInfo read_ecg_info(const fs::path& path, const ReadOptions& options) {
    return open_ecg(path, options)->info();
}

}  // namespace clef
