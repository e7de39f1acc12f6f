#include "formats/csv_writer.hpp"

#include <cmath>
#include <fmt/format.h>

#include "base/csv.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "base/text.hpp"

namespace clef {

namespace {

constexpr std::size_t flush_bytes = 1 << 16;

std::string single_line(std::string text) {
    for (char& c : text) {
        if (c == '\r' || c == '\n') c = ' ';
    }
    return text;
}

std::string heading(const Recording& recording) {
    std::vector<std::string> cells;
    for (const Lead& lead : recording.leads) {
        const std::string unit = lead.in_millivolts ? "mV" : lead.unit;
        cells.push_back(
            single_line(unit.empty() ? lead.name : fmt::format("{} [{}]", lead.name, unit)));
    }
    return csv_line(cells);
}

}  // namespace

void write_csv(const std::filesystem::path& path, const Recording& recording) {
    if (recording.samples() == 0) {
        fail_input("{}: nothing to write: the recording has no samples", path.string());
    }
    AtomicFile file(path);
    file.write(fmt::format("# sampling_rate_hz={}\n", recording.sampling_rate));
    for (const std::string& comment : recording.comments) {
        file.write(fmt::format("# {}\n", single_line(comment)));
    }
    file.write(heading(recording));
    fmt::memory_buffer rows;
    for (std::size_t i = 0; i < recording.samples(); ++i) {
        for (std::size_t lead = 0; lead < recording.leads.size(); ++lead) {
            if (lead > 0) rows.push_back(',');
            const float value = recording.leads[lead].samples[i];
            if (std::isnan(value)) {
                fmt::format_to(fmt::appender(rows), "nan");
            } else {
                fmt::format_to(fmt::appender(rows), "{}", value);
            }
        }
        rows.push_back('\n');
        if (rows.size() < flush_bytes) continue;
        file.write(rows.data(), rows.size());
        rows.clear();
    }
    file.write(rows.data(), rows.size());
    file.commit();
}

void write_annotation_table(const std::filesystem::path& path,
                            const std::vector<NamedAnnotations>& sets) {
    AtomicFile file(path);
    file.write("annotator,sample,seconds,symbol,subtype,channel,number,text,duration_s\n");
    for (const NamedAnnotations& set : sets) {
        for (const Annotation& one : set.annotations) {
            // Text may end in zero bytes, which mean nothing.
            const std::string text(one.text.c_str());
            file.write(
                csv_line({set.annotator, std::to_string(one.sample), fmt::format("{}", one.seconds),
                          one.symbol, std::to_string(one.subtype), std::to_string(one.channel),
                          std::to_string(one.number), text,
                          one.duration > 0 ? fmt::format("{}", one.duration) : ""}));
        }
    }
    file.commit();
}

}  // namespace clef
