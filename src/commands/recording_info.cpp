#include "commands/recording_info.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/progress.hpp"
#include "base/text.hpp"
#include "cohort/recording_quality.hpp"
#include "formats/derived_leads.hpp"

namespace clef {

namespace {

using Json = nlohmann::json;

// JSON has no NaN: null.
Json number(double value) {
    return std::isfinite(value) ? Json(value) : Json();
}

Json describe(const SignalInfo& signal) {
    return {{"name", signal.name},
            {"label", signal.label},
            {"unit", signal.unit},
            {"sampling_rate_hz", signal.sampling_rate},
            {"samples", signal.samples}};
}

Json describe(const QualityWindow& window) {
    const LeadQuality& quality = window.quality;
    return {{"start_s", window.start_seconds},
            {"missing", quality.missing},
            {"flat", quality.flat},
            {"saturated", quality.saturated},
            {"lowest", number(quality.lowest)},
            {"highest", number(quality.highest)},
            {"range", number(quality.high - quality.low)},
            {"noise", number(quality.noise)},
            {"baseline", number(quality.baseline)},
            {"beats", quality.beats},
            {"beat_correlation", quality.beat_correlation},
            {"quality", quality.quality}};
}

Json describe(const SignalQuality& signal, bool windows) {
    const QualitySummary summary = summarise(signal);
    Json json = {{"lead", signal.name},
                 {"unit", signal.unit},
                 {"lowest", number(summary.lowest)},
                 {"highest", number(summary.highest)},
                 {"range", number(summary.range)},
                 {"missing", summary.missing},
                 {"flat", summary.flat},
                 {"saturated", summary.saturated},
                 {"noise", number(summary.noise)},
                 {"baseline", number(summary.baseline)},
                 {"quality", summary.quality},
                 {"worst_quality", summary.worst},
                 {"worst_start_s", summary.worst_start_seconds},
                 {"window_count", signal.windows.size()}};
    if (!windows) return json;
    json["windows"] = Json::array();
    for (const QualityWindow& window : signal.windows) json["windows"].push_back(describe(window));
    return json;
}

// Signals of one rate and length are read together.
std::map<std::pair<double, std::uint64_t>, std::vector<std::size_t>> groups_of(
    const RecordingInfo& info) {
    std::map<std::pair<double, std::uint64_t>, std::vector<std::size_t>> groups;
    for (std::size_t i = 0; i < info.signals.size(); ++i) {
        const SignalInfo& signal = info.signals[i];
        if (signal.samples > 0) groups[{signal.sampling_rate, signal.samples}].push_back(i);
    }
    return groups;
}

Json describe_quality(const EcgReader& reader, const std::string& path, bool windows) {
    const auto groups = groups_of(reader.info());
    std::size_t total = 0;
    for (const auto& [key, signals] : groups) total += quality_windows(reader, signals);
    std::vector<SignalQuality> measured;
    {
        Progress progress("measuring quality", total, "windows");
        for (const auto& [key, signals] : groups) {
            auto found = recording_quality(reader, path, signals, {},
                                           [&](std::size_t done) { progress.add(done); });
            for (SignalQuality& signal : found) measured.push_back(std::move(signal));
        }
    }
    std::sort(measured.begin(), measured.end(),
              [](const auto& a, const auto& b) { return a.signal < b.signal; });
    Json json = Json::array();
    for (const SignalQuality& signal : measured) json.push_back(describe(signal, windows));
    return json;
}

// Nothing where the format has none.
void add_checksums(const EcgReader& reader, Json& signals) {
    const std::vector<Checksum> checksums = reader.checksums();
    for (std::size_t i = 0; i < checksums.size(); ++i) {
        signals[i]["checksum"] = checksums[i] == Checksum::ok         ? "ok"
                                 : checksums[i] == Checksum::mismatch ? "mismatch"
                                                                      : "none";
    }
}

// "ok", or "ok: I, II; mismatch: V1; none said: V2".
std::string checksum_text(const Json& signals) {
    const std::pair<const char*, const char*> results[] = {
        {"ok", "ok"}, {"mismatch", "mismatch"}, {"none", "none said"}};
    std::vector<std::string> parts;
    for (const auto& [result, words] : results) {
        std::vector<std::string> names;
        for (const Json& signal : signals) {
            if (signal.value("checksum", "") == result) names.push_back(signal.at("name"));
        }
        if (names.empty()) continue;
        if (names.size() == signals.size()) return words;
        parts.push_back(fmt::format("{}: {}", words, join(names, ", ")));
    }
    return join(parts, "; ");
}

// The limb leads that `--lead` would find although the file lacks them.
std::vector<std::string> derivable(const std::vector<std::string>& leads) {
    std::vector<std::string> names;
    for (const char* lead : {"I", "II", "III", "aVR", "aVL", "aVF"}) {
        const bool there = std::find(leads.begin(), leads.end(), lead) != leads.end();
        if (!there && find_lead_formula(lead, leads)) names.push_back(lead);
    }
    return names;
}

std::string cell(const Json& value, const char* format) {
    return value.is_number() ? fmt::format(fmt::runtime(format), value.get<double>()) : "–";
}

void print_quality(const Json& leads) {
    fmt::print("  quality, over windows of {:g} s\n", QualityStretch().window_seconds);
    fmt::print("    {:<10} {:>6} {:>9} {:>9} {:>8} {:>8} {:>6} {:>9} {:>6} {:>8} {:>8}  {}\n",
               "lead", "unit", "lowest", "highest", "range", "missing", "flat", "saturated",
               "noise", "baseline", "quality", "worst");
    for (const Json& lead : leads) {
        fmt::print("    {:<10} {:>6} {:>9} {:>9} {:>8} {:>8} {:>6} {:>9} {:>6} {:>8} {:>8}  {}\n",
                   lead.at("lead").get<std::string>(), lead.at("unit").get<std::string>(),
                   cell(lead.at("lowest"), "{:.4g}"), cell(lead.at("highest"), "{:.4g}"),
                   cell(lead.at("range"), "{:.4g}"), cell(lead.at("missing"), "{:.3g}"),
                   cell(lead.at("flat"), "{:.3g}"), cell(lead.at("saturated"), "{:.3g}"),
                   cell(lead.at("noise"), "{:.2f}"), cell(lead.at("baseline"), "{:.2f}"),
                   cell(lead.at("quality"), "{:.3f}"),
                   fmt::format("{} at {} s", cell(lead.at("worst_quality"), "{:.3f}"),
                               cell(lead.at("worst_start_s"), "{:g}")));
    }
}

std::string list(const Json& texts) {
    return join(texts.get<std::vector<std::string>>(), ", ");
}

}  // namespace

Json recording_description(const std::string& path, const RecordingInfoOptions& options) {
    const auto reader = open_ecg(path, options.read);
    const RecordingInfo& info = reader->info();
    Json json = {{"kind", "recording"},
                 {"format", info.format},
                 {"sampling_rate_hz", info.sampling_rate},
                 {"samples", info.samples},
                 {"seconds", number(static_cast<double>(info.samples) / info.sampling_rate)},
                 {"start", info.start},
                 {"leads", info.leads},
                 {"derivable_leads", derivable(info.leads)},
                 {"units", info.units},
                 {"comments", info.comments}};
    json["signals"] = Json::array();
    for (const SignalInfo& signal : info.signals) json["signals"].push_back(describe(signal));
    if (!options.quality) return json;
    try {
        add_checksums(*reader, json["signals"]);
        json["quality"] = describe_quality(*reader, path, options.windows);
    } catch (const InputError& error) {
        fail_input("{}. --no-quality describes the header alone", error.what());
    }
    return json;
}

void print_recording(const Json& description, const std::string& path) {
    fmt::print("{}\n", path);
    const auto line = [](const char* name, const std::string& text) {
        if (!text.empty()) fmt::print("  {:<24} {}\n", name, text);
    };
    line("format", description.at("format").get<std::string>());
    if (description.at("signals").empty()) {
        line("signals", "none");
    } else {
        line("sampling rate",
             fmt::format("{} Hz", description.at("sampling_rate_hz").get<double>()));
        line("samples", fmt::format("{}", description.at("samples").get<std::uint64_t>()));
        line("seconds", cell(description.at("seconds"), "{:.6g}"));
    }
    line("start", description.at("start").get<std::string>());
    line("leads", list(description.at("leads")));
    line("derived on request", list(description.at("derivable_leads")));
    line("units", list(description.at("units")));
    for (const Json& comment : description.at("comments")) {
        line("comment", comment.get<std::string>());
    }
    for (const Json& signal : description.at("signals")) {
        if (signal.at("sampling_rate_hz") == description.at("sampling_rate_hz")) continue;
        line("of another rate",
             fmt::format("{}: {} Hz, {} samples", signal.at("name").get<std::string>(),
                         signal.at("sampling_rate_hz").get<double>(),
                         signal.at("samples").get<std::uint64_t>()));
    }
    line("checksums", checksum_text(description.at("signals")));
    if (description.contains("quality") && !description.at("quality").empty()) {
        print_quality(description.at("quality"));
    }
}

}  // namespace clef
