#include "formats/ecg_file.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "formats/leads.hpp"
#include "formats/wfdb_header.hpp"
#include "formats/wfdb_signal.hpp"

namespace clef {

namespace {

bool is_file(const std::filesystem::path& path) {
    std::error_code ignored;
    return std::filesystem::is_regular_file(path, ignored);
}

std::filesystem::path with_suffix(std::filesystem::path path, const char* suffix) {
    path += suffix;
    return path;
}

// A word for what a file seems to be, for the message that it is not read.
std::string describe(const std::filesystem::path& path) {
    const MappedFile file(path);
    const std::string_view text = file.text();
    if (text.empty()) return "an empty file";
    if (text.starts_with("\x93NUMPY")) return "a NumPy array";
    if (text.starts_with("MATLAB 5.0") || text.substr(1).starts_with("HDF")) {
        return "a MATLAB file of level 5 or later";
    }
    if (text.starts_with("0       ")) return "an EDF file";
    if (text.starts_with("\xFF"
                         "BIOSEMI"))
        return "a BDF file";
    if (text.starts_with("<?xml")) return "an XML file";
    if (text.size() > 132 && text.substr(128, 4) == "DICM") return "a DICOM file";
    return "a file of unknown kind";
}

// The header that belongs to what the user named.
std::filesystem::path find_wfdb_header(const std::filesystem::path& path) {
    if (path.extension() == ".hea") {
        if (is_file(path)) return path;
        fail_input("{}: no such file", path.string());
    }
    const auto beside = with_suffix(path, ".hea");
    if (is_file(beside)) return beside;
    std::filesystem::path replaced = path;
    replaced.replace_extension(".hea");
    if (is_file(path)) {
        if (is_file(replaced)) return replaced;
        fail_input("{}: {} without a WFDB header ({}) beside it; the format read is WFDB",
                   path.string(), describe(path), replaced.filename().string());
    }
    std::error_code ignored;
    if (std::filesystem::is_directory(path, ignored)) {
        fail_input("{}: a folder; expected one recording", path.string());
    }
    fail_input("{}: no such recording: neither this file nor {} exists", path.string(),
               beside.filename().string());
}

std::vector<std::size_t> choose_signals(const WfdbHeader& header,
                                        const std::vector<std::string>& wanted) {
    std::vector<std::size_t> chosen(header.signals.size());
    std::iota(chosen.begin(), chosen.end(), std::size_t{0});
    if (wanted.empty()) return chosen;
    chosen.clear();
    for (const std::string& name : wanted) {
        const auto exact =
            std::find_if(header.signals.begin(), header.signals.end(),
                         [&](const WfdbSignal& signal) { return signal.description == name; });
        const auto found = exact != header.signals.end()
                               ? exact
                               : std::find_if(header.signals.begin(), header.signals.end(),
                                              [&](const WfdbSignal& signal) {
                                                  return same_lead(signal.description, name);
                                              });
        if (found == header.signals.end()) {
            std::vector<std::string> present;
            for (const auto& signal : header.signals) {
                present.push_back(canonical_lead(signal.description));
            }
            fail_input("{}: no lead {}; the leads are: {}", header.path.string(), name,
                       join(present, ", "));
        }
        chosen.push_back(static_cast<std::size_t>(found - header.signals.begin()));
    }
    return chosen;
}

// A WFDB header says rate and unit itself: what the user says may only agree with it.
void check_claims(const WfdbHeader& header, const ReadOptions& options) {
    if (options.sampling_rate &&
        std::abs(*options.sampling_rate - header.sampling_rate) > 1e-6 * header.sampling_rate) {
        fail_input("{}: the header says {} Hz, but {} Hz was given; leave the sampling rate out",
                   header.path.string(), header.sampling_rate, *options.sampling_rate);
    }
    if (!options.units) return;
    for (const WfdbSignal& signal : header.signals) {
        if (lower(signal.units) == lower(*options.units)) continue;
        fail_input("{}: the header gives lead {} in '{}', but '{}' was given; leave the units out",
                   header.path.string(), signal.description, signal.units, *options.units);
    }
}

}  // namespace

Recording read_ecg(const std::filesystem::path& path, const ReadOptions& options) {
    const WfdbHeader header = read_wfdb_header(find_wfdb_header(path));
    check_claims(header, options);
    return read_wfdb(header, choose_signals(header, options.leads), options.from, options.to);
}

RecordingInfo read_ecg_info(const std::filesystem::path& path) {
    const WfdbHeader header = read_wfdb_header(find_wfdb_header(path));
    RecordingInfo info;
    info.format = "WFDB";
    info.sampling_rate = header.sampling_rate;
    info.samples = wfdb_length(header);
    info.comments = header.comments;
    for (const WfdbSignal& signal : header.signals) {
        info.leads.push_back(canonical_lead(signal.description));
        info.units.push_back(signal.units);
    }
    return info;
}

}  // namespace clef
