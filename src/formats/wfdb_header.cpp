#include "formats/wfdb_header.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "formats/text_encoding.hpp"

namespace clef {

namespace {

constexpr std::uintmax_t max_header_bytes = std::uintmax_t{4} << 20;

// Walks through the blank-separated fields of one header line, and knows where it is.
class LineReader {
  public:
    LineReader(std::string_view text, const std::filesystem::path& path, std::size_t line)
        : rest_(trim(text)), path_(path), line_(line) {}

    bool at_end() const { return rest_.empty(); }
    std::size_t line() const { return line_; }

    // The next field, or nothing at the line's end.
    std::string_view next() {
        const std::string_view field = rest_.substr(0, rest_.find_first_of(" \t"));
        rest_ = trim(rest_.substr(field.size()));
        return field;
    }
    std::string_view remainder() const { return rest_; }

    template <typename Integer>
    Integer integer(std::string_view text, std::string_view what, Integer low, Integer high) const {
        const auto value = parse_integer(text);
        if (!value) fail(what, "a whole number", text);
        if (std::cmp_less(*value, low) || std::cmp_greater(*value, high)) {
            fail(what, fmt::format("{} to {}", low, high), text);
        }
        return static_cast<Integer>(*value);
    }

    double number(std::string_view text, std::string_view what) const {
        const auto value = parse_double(text);
        if (!value) fail(what, "a number", text);
        return *value;
    }

    [[noreturn]] void fail(std::string_view what, std::string_view expected,
                           std::string_view found) const {
        fail_input("{}: line {}: {}: expected {}, found '{}'", path_.string(), line_, what,
                   expected, found.substr(0, 80));
    }

  private:
    std::string_view rest_;
    const std::filesystem::path& path_;
    std::size_t line_;
};

// Beyond what a double counts exactly no file can go, and sums of sizes stay clear of overflow.
constexpr std::uint64_t max_samples = std::uint64_t{1} << 53;

// "360", "360/1000", "360/1000(5.5)"
void parse_rates(LineReader& reader, std::string_view field, WfdbHeader& header) {
    const std::size_t slash = field.find('/');
    header.sampling_rate = reader.number(field.substr(0, slash), "sampling rate");
    if (!(header.sampling_rate > 0) || header.sampling_rate > 1e9) {
        reader.fail("sampling rate", "a rate above zero, in Hz", field);
    }
    if (slash == std::string_view::npos) return;
    std::string_view counter = field.substr(slash + 1);
    if (const std::size_t open = counter.find('('); open != std::string_view::npos) {
        if (!counter.ends_with(')')) reader.fail("base counter value", "'(number)'", counter);
        const auto base = counter.substr(open + 1, counter.size() - open - 2);
        header.base_counter = reader.number(base, "base counter value");
        counter = counter.substr(0, open);
    }
    header.counter_frequency = reader.number(counter, "counter frequency");
}

void parse_record_line(LineReader& reader, WfdbHeader& header) {
    std::string_view name = reader.next();
    if (const std::size_t slash = name.find('/'); slash != std::string_view::npos) {
        header.segments = reader.integer<std::uint64_t>(name.substr(slash + 1),
                                                        "number of segments", 1, max_samples);
        name = name.substr(0, slash);
    }
    header.record = name;
    header.announced_signals =
        reader.integer<std::uint64_t>(reader.next(), "number of signals", 0, max_wfdb_signals);
    if (!reader.at_end()) parse_rates(reader, reader.next(), header);
    if (!reader.at_end()) {
        const auto samples =
            reader.integer<std::uint64_t>(reader.next(), "number of samples", 0, max_samples);
        if (samples > 0) header.samples = samples;
    }
    header.base_time = reader.next();
    header.base_date = reader.next();
}

// The leading part of `text` up to the first of `stops`; removes it from `text`.
std::string_view take_until(std::string_view& text, std::string_view stops) {
    const std::string_view part = text.substr(0, text.find_first_of(stops));
    text.remove_prefix(part.size());
    return part;
}

// "16", "16+24", "212x2:3+512"
void parse_format(const LineReader& reader, std::string_view field, WfdbSignal& signal) {
    std::string_view rest = field;
    signal.format = reader.integer<int>(take_until(rest, "x:+"), "signal format", 0, 100000);
    while (!rest.empty()) {
        const char mark = rest.front();
        rest.remove_prefix(1);
        const std::string_view value = take_until(rest, "x:+");
        if (mark == 'x') {
            signal.frame_samples =
                reader.integer<std::uint32_t>(value, "samples per frame", 1, 1U << 20);
        } else if (mark == ':') {
            signal.skew = reader.integer<std::uint32_t>(value, "skew", 0, 1U << 30);
        } else {
            signal.byte_offset =
                reader.integer<std::uint64_t>(value, "byte offset", 0, max_samples);
        }
    }
}

// "200", "200/mV", "1000.0(0)/mV". Returns whether a baseline was given.
bool parse_gain(const LineReader& reader, std::string_view field, WfdbSignal& signal) {
    std::string_view rest = field;
    const double gain = reader.number(take_until(rest, "(/"), "ADC gain");
    if (gain != 0 && !(std::abs(gain) > 1e-30 && std::abs(gain) < 1e30)) {
        reader.fail("ADC gain", "0 or a size between 1e-30 and 1e30", field);
    }
    if (gain != 0) signal.gain = gain;
    bool has_baseline = false;
    if (rest.starts_with('(')) {
        const std::size_t close = rest.find(')');
        if (close == std::string_view::npos) reader.fail("baseline", "'(number)'", field);
        signal.baseline = reader.integer<std::int64_t>(
            rest.substr(1, close - 1), "baseline", -(std::int64_t{1} << 40), std::int64_t{1} << 40);
        has_baseline = true;
        rest.remove_prefix(close + 1);
    }
    if (rest.starts_with('/')) {
        signal.units = to_utf8(rest.substr(1));
    } else if (!rest.empty()) {
        reader.fail("ADC gain", "'gain(baseline)/units'", field);
    }
    return has_baseline;
}

WfdbSignal parse_signal_line(LineReader& reader) {
    constexpr std::int64_t limit = std::int64_t{1} << 40;
    WfdbSignal signal;
    signal.line = reader.line();
    signal.file = reader.next();
    if (reader.at_end()) reader.fail("signal", "a file name and a format", signal.file);
    parse_format(reader, reader.next(), signal);
    bool has_baseline = false;
    if (!reader.at_end()) has_baseline = parse_gain(reader, reader.next(), signal);
    if (!reader.at_end()) {
        signal.adc_resolution = reader.integer<int>(reader.next(), "ADC resolution", 0, 64);
    }
    if (!reader.at_end()) {
        signal.adc_zero = reader.integer<std::int64_t>(reader.next(), "ADC zero", -limit, limit);
    }
    if (!has_baseline) signal.baseline = signal.adc_zero;
    signal.initial_value = signal.adc_zero;
    if (!reader.at_end()) {
        signal.initial_value =
            reader.integer<std::int64_t>(reader.next(), "initial value", -limit, limit);
    }
    if (!reader.at_end()) {
        // Written signed by some programs and unsigned by others: the low 16 bits are what counts.
        const auto sum = reader.integer<std::int64_t>(reader.next(), "checksum", -limit, limit);
        signal.checksum = static_cast<std::uint16_t>(sum & 0xFFFF);
    }
    if (!reader.at_end()) {
        signal.block_size =
            reader.integer<std::int64_t>(reader.next(), "block size", -limit, limit);
    }
    signal.description = to_utf8(reader.remainder());
    return signal;
}

WfdbSegment parse_segment_line(LineReader& reader) {
    WfdbSegment segment;
    segment.line = reader.line();
    segment.record = reader.next();
    segment.samples = reader.integer<std::uint64_t>(reader.next(), "number of samples in a segment",
                                                    0, max_samples);
    return segment;
}

void check_complete(const WfdbHeader& header) {
    const bool multiple = header.segments > 0;
    const std::uint64_t announced = multiple ? header.segments : header.announced_signals;
    const std::uint64_t found = multiple ? header.segment_list.size() : header.signals.size();
    if (found >= announced) return;
    fail_input("{}: announces {} {} but describes {}; is the header cut off?", header.path.string(),
               announced, multiple ? "segments" : "signals", found);
}

}  // namespace

WfdbHeader parse_wfdb_header(std::string_view text, const std::filesystem::path& path) {
    WfdbHeader header;
    header.path = path;
    bool has_record_line = false;
    std::size_t line_number = 0;
    while (!text.empty()) {
        const std::string_view raw = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(raw.size() + 1, text.size()));
        ++line_number;
        const std::string_view line = trim(raw);
        if (line.empty()) continue;
        if (line.front() == '#') {
            header.comments.push_back(to_utf8(trim(line.substr(1))));
            continue;
        }
        LineReader reader(line, path, line_number);
        if (!has_record_line) {
            parse_record_line(reader, header);
            has_record_line = true;
        } else if (header.segments > 0 && header.segment_list.size() < header.segments) {
            header.segment_list.push_back(parse_segment_line(reader));
        } else if (header.segments == 0 && header.signals.size() < header.announced_signals) {
            header.signals.push_back(parse_signal_line(reader));
        }
    }
    if (!has_record_line) fail_input("{}: not a WFDB header: it has no record line", path.string());
    check_complete(header);
    return header;
}

WfdbHeader read_wfdb_header(const std::filesystem::path& path) {
    return parse_wfdb_header(read_text_file(path, max_header_bytes), path);
}

}  // namespace clef
