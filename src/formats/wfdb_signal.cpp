#include "formats/wfdb_signal.hpp"

#include <fmt/format.h>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/progress.hpp"
#include "base/text.hpp"
#include "formats/leads.hpp"
#include "formats/matlab4.hpp"
#include "formats/units.hpp"
#include "formats/wfdb_decoders.hpp"

namespace clef {

namespace {

// Signals that share a file: positions [first, first + count) of the header.
struct Group {
    std::size_t first = 0;
    std::size_t count = 0;
    std::filesystem::path path;
    const WfdbDecoder* decoder = nullptr;
    std::uint64_t byte_offset = 0;
};

std::string where(const WfdbHeader& header, const WfdbSignal& signal) {
    return fmt::format("{}: line {}", header.path.string(), signal.line);
}

std::filesystem::path signal_path(const WfdbHeader& header, const WfdbSignal& signal) {
    if (signal.file == "~") {
        fail_input(
            "{}: signal '{}' has no samples ('~'): the layout of a multi-segment record, which "
            "is not read; name one of its segments instead",
            where(header, signal), signal.description);
    }
    const std::filesystem::path name = std::filesystem::path(signal.file).lexically_normal();
    if (signal.file == "-" || name.empty() || name.is_absolute() || *name.begin() == "..") {
        fail_input("{}: signal file '{}': expected a file in the record's own folder",
                   where(header, signal), signal.file);
    }
    return header.path.parent_path() / name;
}

void check_layout(const WfdbHeader& header, const WfdbSignal& first, const WfdbSignal& signal) {
    if (signal.format != first.format) {
        fail_input("{}: signal format {}, but the file's first signal has {}",
                   where(header, signal), signal.format, first.format);
    }
    if (signal.byte_offset != first.byte_offset && signal.byte_offset != 0) {
        fail_input("{}: byte offset {}, but the file's first signal has {}", where(header, signal),
                   signal.byte_offset, first.byte_offset);
    }
    if (signal.frame_samples != 1) {
        fail_input("{}: {} samples per frame in signal '{}'; only 1 is read", where(header, signal),
                   signal.frame_samples, signal.description);
    }
    if (signal.skew != 0) {
        fail_input("{}: skew of {} frames in signal '{}'; skewed signals are not read",
                   where(header, signal), signal.skew, signal.description);
    }
}

Group make_group(const WfdbHeader& header, std::size_t first) {
    const WfdbSignal& leader = header.signals[first];
    Group group{first, 0, signal_path(header, leader), find_wfdb_decoder(leader.format),
                leader.byte_offset};
    if (group.decoder == nullptr) {
        fail_input("{}: signal format {} is not read; the formats read are {}",
                   where(header, leader), leader.format, wfdb_formats_read());
    }
    while (first + group.count < header.signals.size()) {
        const WfdbSignal& signal = header.signals[first + group.count];
        if (signal.file != leader.file) break;
        check_layout(header, leader, signal);
        ++group.count;
    }
    return group;
}

void check_record(const WfdbHeader& header) {
    if (header.segments > 0) {
        fail_input(
            "{}: a multi-segment record ({} segments), which is not read; name one of its "
            "segments instead",
            header.path.string(), header.segments);
    }
    if (header.signals.empty()) fail_input("{}: the record has no signals", header.path.string());
}

std::vector<Group> make_groups(const WfdbHeader& header) {
    check_record(header);
    std::vector<Group> groups;
    std::set<std::filesystem::path> seen;
    for (std::size_t first = 0; first < header.signals.size(); first += groups.back().count) {
        groups.push_back(make_group(header, first));
        if (!seen.insert(groups.back().path).second) {
            fail_input("{}: signals of the file '{}' must stand on consecutive lines",
                       where(header, header.signals[first]), header.signals[first].file);
        }
    }
    return groups;
}

// Samples per signal that the file holds.
std::uint64_t samples_held(const Group& group, std::uint64_t file_bytes) {
    if (file_bytes <= group.byte_offset) return 0;
    return group.decoder->samples_in(file_bytes - group.byte_offset) / group.count;
}

std::uint64_t file_bytes(const Group& group) {
    std::error_code error;
    const auto size = std::filesystem::file_size(group.path, error);
    if (error)
        fail_input("{}: cannot read the signal file: {}", group.path.string(), error.message());
    return size;
}

std::uint64_t length_of(const WfdbHeader& header, const std::vector<Group>& groups) {
    if (header.samples) return *header.samples;
    std::uint64_t shortest = std::numeric_limits<std::uint64_t>::max();
    for (const Group& group : groups) {
        shortest = std::min(shortest, samples_held(group, file_bytes(group)));
    }
    return shortest;
}

MappedFile open_group(const WfdbHeader& header, const Group& group, std::uint64_t length) {
    MappedFile file(group.path);
    if (group.path.extension() == ".mat" && group.byte_offset > 0) {
        const Matlab4Expectation expected{group.count, header.samples.value_or(0),
                                          group.byte_offset, group.decoder->format};
        check_matlab4(file.bytes(), group.path, expected);
    }
    // length × count cannot overflow: length < 2^53 and the header has fewer than 2^22 lines, but
    // their product can pass 2^64, so the division decides.
    if (samples_held(group, file.bytes().size()) < length) {
        const double needed = static_cast<double>(length) * static_cast<double>(group.count);
        const bool countable = needed < 1e15;
        const std::string bytes =
            countable
                ? std::to_string(group.byte_offset + group.decoder->bytes_for(length * group.count))
                : fmt::format("about {:.3g}", needed);
        fail_input(
            "{}: {} bytes found, {} expected for {} samples of {} signals as {} says; is the "
            "file cut off?",
            group.path.string(), file.bytes().size(), bytes, length, group.count,
            header.path.filename().string());
    }
    return file;
}

void check_range(const WfdbHeader& header, std::uint64_t from, std::uint64_t to,
                 std::uint64_t length) {
    if (length == 0) fail_input("{}: the record holds no samples", header.path.string());
    if (from >= to || from >= length) {
        fail_input("{}: samples {} to {} asked for, but the record has samples 0 to {}",
                   header.path.string(), from, to, length);
    }
}

std::uint16_t checksum_of(std::span<const std::int32_t> samples) {
    std::uint32_t sum = 0;
    for (const std::int32_t sample : samples) sum += static_cast<std::uint32_t>(sample);
    return static_cast<std::uint16_t>(sum & 0xFFFF);
}

void warn_about_checksums(const WfdbHeader& header, std::span<const std::size_t> signals,
                          const std::vector<std::vector<std::int32_t>>& samples) {
    std::vector<std::string> wrong;
    for (std::size_t i = 0; i < signals.size(); ++i) {
        const WfdbSignal& signal = header.signals[signals[i]];
        const std::uint16_t sum = checksum_of(samples[i]);
        if (!signal.checksum || *signal.checksum == sum) continue;
        wrong.push_back(fmt::format("{} (found {}, header says {})", signal.description, sum,
                                    *signal.checksum));
    }
    if (wrong.empty()) return;
    warn(fmt::format("{}: checksum mismatch in {}: the samples or the header were changed",
                     header.path.string(), join(wrong, ", ")));
}

Lead make_lead(const WfdbSignal& signal, std::span<const std::int32_t> digital) {
    const std::optional<double> millivolts = millivolts_per(signal.units);
    const std::int32_t invalid = find_wfdb_decoder(signal.format)->invalid;
    Lead lead{canonical_lead(signal.description), signal.description, signal.units,
              millivolts.has_value(), std::vector<float>(digital.size())};
    const double unit = millivolts.value_or(1.0);
    for (std::size_t i = 0; i < digital.size(); ++i) {
        const double above = static_cast<double>(digital[i]) - static_cast<double>(signal.baseline);
        lead.samples[i] = digital[i] == invalid ? std::numeric_limits<float>::quiet_NaN()
                                                : static_cast<float>(above / signal.gain * unit);
    }
    return lead;
}

}  // namespace

std::uint64_t wfdb_length(const WfdbHeader& header) {
    return length_of(header, make_groups(header));
}

std::vector<std::vector<std::int32_t>> read_wfdb_digital(const WfdbHeader& header,
                                                         std::span<const std::size_t> signals,
                                                         std::uint64_t from, std::uint64_t to) {
    const std::vector<Group> groups = make_groups(header);
    const std::uint64_t length = length_of(header, groups);
    check_range(header, from, to, length);
    to = std::min(to, length);

    std::vector<std::vector<std::int32_t>> samples(signals.size());
    for (const Group& group : groups) {
        std::optional<MappedFile> file;
        for (std::size_t i = 0; i < signals.size(); ++i) {
            if (signals[i] < group.first || signals[i] >= group.first + group.count) continue;
            if (!file) file = open_group(header, group, length);
            samples[i].resize(static_cast<std::size_t>(to - from));
            const std::uint64_t first = from * group.count + (signals[i] - group.first);
            group.decoder->decode(file->bytes().subspan(group.byte_offset), first, group.count,
                                  samples[i]);
        }
    }
    if (from == 0 && to == length) warn_about_checksums(header, signals, samples);
    return samples;
}

Recording read_wfdb(const WfdbHeader& header, std::span<const std::size_t> signals,
                    std::uint64_t from, std::uint64_t to) {
    const auto digital = read_wfdb_digital(header, signals, from, to);
    Recording recording;
    recording.source = header.path.string();
    recording.sampling_rate = header.sampling_rate;
    recording.comments = header.comments;
    for (std::size_t i = 0; i < signals.size(); ++i) {
        recording.leads.push_back(make_lead(header.signals[signals[i]], digital[i]));
    }
    return recording;
}

}  // namespace clef
