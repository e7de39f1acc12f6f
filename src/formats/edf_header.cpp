#include "formats/edf_header.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <optional>
#include <string_view>

#include "base/error.hpp"
#include "base/text.hpp"
#include "formats/text_encoding.hpp"

namespace clef {

namespace {

constexpr std::size_t block = 256;  // bytes of the general header, and of each signal's share of it
constexpr std::string_view edf_version = "0       ";
constexpr std::string_view bdf_version =
    "\xFF"
    "BIOSEMI";

struct Field {
    const char* name;
    std::size_t begin;
    std::size_t width;
};

constexpr Field patient_field{"patient", 8, 80};
constexpr Field recording_field{"recording", 88, 80};
constexpr Field date_field{"start date", 168, 8};
constexpr Field time_field{"start time", 176, 8};
constexpr Field header_bytes_field{"number of header bytes", 184, 8};
constexpr Field reserved_field{"reserved", 192, 44};
constexpr Field records_field{"number of data records", 236, 8};
constexpr Field duration_field{"duration of a data record", 244, 8};
constexpr Field signals_field{"number of signals", 252, 4};

// Of the signals' fields `begin` counts bytes per signal: all labels come first, and so on.
constexpr Field label_field{"label", 0, 16};
constexpr Field unit_field{"physical dimension", 96, 8};
constexpr Field physical_minimum_field{"physical minimum", 104, 8};
constexpr Field physical_maximum_field{"physical maximum", 112, 8};
constexpr Field digital_minimum_field{"digital minimum", 120, 8};
constexpr Field digital_maximum_field{"digital maximum", 128, 8};
constexpr Field samples_field{"samples per data record", 216, 8};

// Fields are padded with blanks; some writers pad with zero bytes.
std::string_view without_padding(std::string_view field) {
    return trim(field.substr(0, field.find('\0')));
}

// Reads fields, and knows what to say about one that holds no number.
class Fields {
  public:
    Fields(std::string_view text, std::string file) : text_(text), file_(std::move(file)) {}

    std::string_view raw(const Field& field, std::size_t signals = 0,
                         std::size_t signal = 0) const {
        return text_.substr(place(field, signals, signal), field.width);
    }
    std::string text(const Field& field, std::size_t signals = 0, std::size_t signal = 0) const {
        return to_utf8(without_padding(raw(field, signals, signal)));
    }
    std::optional<double> number(const Field& field, std::size_t signals = 0,
                                 std::size_t signal = 0) const {
        std::string digits(without_padding(raw(field, signals, signal)));
        std::replace(digits.begin(), digits.end(), ',', '.');  // some writers follow their locale
        return parse_double(digits);
    }
    std::uint64_t count(const Field& field, std::uint64_t least, std::size_t signals = 0,
                        std::size_t signal = 0) const {
        const std::optional<double> value = number(field, signals, signal);
        const bool good = value && *value >= static_cast<double>(least) && *value < 1e9 &&
                          *value == std::floor(*value);
        if (!good)
            fail(field, fmt::format("a whole number of at least {}", least), signals, signal);
        return static_cast<std::uint64_t>(*value);
    }
    [[noreturn]] void fail(const Field& field, const std::string& expected, std::size_t signals = 0,
                           std::size_t signal = 0) const {
        const std::string whose = signals == 0 ? "" : fmt::format(" of signal {}", signal + 1);
        fail_input("{}: byte {}: {}{} is '{}'; expected {}", file_, place(field, signals, signal),
                   field.name, whose, text(field, signals, signal), expected);
    }

  private:
    static std::size_t place(const Field& field, std::size_t signals, std::size_t signal) {
        return signals == 0 ? field.begin : block + field.begin * signals + field.width * signal;
    }

    std::string_view text_;
    std::string file_;
};

std::optional<int> two_digits(std::string_view text, std::size_t begin) {
    const char tens = text[begin];
    const char ones = text[begin + 1];
    if (tens < '0' || tens > '9' || ones < '0' || ones > '9') return std::nullopt;
    return (tens - '0') * 10 + (ones - '0');
}

// "12:44:02 10/12/2009" of "10.12.09" and "12.44.02". Years 85 to 99 belong to the last century, as
// the EDF+ specification says.
std::string start_text(std::string_view date, std::string_view time) {
    std::array<std::optional<int>, 6> parts;
    for (std::size_t i = 0; i < 3; ++i) {
        parts[i] = two_digits(time, 3 * i);
        parts[3 + i] = two_digits(date, 3 * i);
    }
    if (!std::all_of(parts.begin(), parts.end(), [](const auto& part) { return part.has_value(); }))
        return "";
    const int year = *parts[5] + (*parts[5] >= 85 ? 1900 : 2000);
    return fmt::format("{:02}:{:02}:{:02} {:02}/{:02}/{:04}", *parts[0], *parts[1], *parts[2],
                       *parts[3], *parts[4], year);
}

std::vector<EdfSignal> parse_signals(const Fields& fields, std::size_t count, bool is_bdf) {
    std::vector<EdfSignal> signals(count);
    for (std::size_t i = 0; i < count; ++i) {
        EdfSignal& signal = signals[i];
        signal.label = fields.text(label_field, count, i);
        signal.unit = fields.text(unit_field, count, i);
        signal.holds_annotations = signal.label == (is_bdf ? "BDF Annotations" : "EDF Annotations");
        signal.samples_per_record = fields.count(samples_field, 1, count, i);
        if (signal.holds_annotations) continue;
        const auto number = [&](const Field& field) {
            const std::optional<double> value = fields.number(field, count, i);
            if (!value) fields.fail(field, "a number", count, i);
            return *value;
        };
        signal.physical_minimum = number(physical_minimum_field);
        signal.physical_maximum = number(physical_maximum_field);
        signal.digital_minimum = number(digital_minimum_field);
        signal.digital_maximum = number(digital_maximum_field);
    }
    return signals;
}

// The number of whole records in the file, checked against what the header says.
std::uint64_t count_records(const Fields& fields, const EdfHeader& header, std::size_t file_bytes) {
    const std::uint64_t bytes = file_bytes - header.header_bytes;
    const std::uint64_t held = bytes / header.record_bytes;
    const std::optional<double> said = fields.number(records_field);
    if (said && *said == -1) return held;
    const std::uint64_t records = fields.count(records_field, 0);
    if (records > held) {
        fail_input(
            "{}: {} bytes of data found, {} expected for {} records of {} bytes as the header "
            "says; is the file cut off?",
            header.path.string(), bytes, records * header.record_bytes, records,
            header.record_bytes);
    }
    return records;
}

void parse_kind(EdfHeader& header, const Fields& fields) {
    const std::string kind = fields.text(reserved_field).substr(0, 5);
    const std::string plus = header.is_bdf ? "BDF+" : "EDF+";
    header.is_plus = kind.starts_with(plus);
    header.is_discontinuous = kind == plus + "D";
}

}  // namespace

const char* EdfHeader::format_name() const {
    if (!is_plus) return is_bdf ? "BDF" : "EDF";
    if (is_discontinuous) return is_bdf ? "BDF+D" : "EDF+D";
    return is_bdf ? "BDF+C" : "EDF+C";
}

bool is_edf(std::span<const std::byte> beginning) {
    const std::string_view text(reinterpret_cast<const char*>(beginning.data()), beginning.size());
    if (text.size() < block) return false;
    if (!text.starts_with(edf_version) && !text.starts_with(bdf_version)) return false;
    const auto bytes = parse_integer(
        without_padding(text.substr(header_bytes_field.begin, header_bytes_field.width)));
    return bytes && *bytes >= 0 && *bytes % static_cast<long long>(block) == 0;
}

EdfHeader parse_edf_header(std::span<const std::byte> file, const std::filesystem::path& path) {
    const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
    if (!is_edf(file)) fail_input("{}: not an EDF or BDF file", path.string());
    const Fields fields(text, path.string());
    EdfHeader header;
    header.path = path;
    header.is_bdf = text.starts_with(bdf_version);
    parse_kind(header, fields);
    header.patient = fields.text(patient_field);
    header.recording = fields.text(recording_field);
    header.start = start_text(fields.raw(date_field), fields.raw(time_field));

    const std::uint64_t count = fields.count(signals_field, 1);
    header.header_bytes = block * (count + 1);
    if (fields.count(header_bytes_field, block) != header.header_bytes) {
        fields.fail(header_bytes_field,
                    fmt::format("{} for {} signals", header.header_bytes, count));
    }
    if (file.size() < header.header_bytes) {
        fail_input("{}: {} bytes, but the header of {} signals has {}; is the file cut off?",
                   path.string(), file.size(), count, header.header_bytes);
    }
    header.signals = parse_signals(fields, count, header.is_bdf);
    for (EdfSignal& signal : header.signals) {
        signal.offset = header.record_bytes;
        header.record_bytes += signal.samples_per_record * header.sample_bytes();
    }
    header.records = count_records(fields, header, file.size());
    const std::optional<double> seconds = fields.number(duration_field);
    const bool has_samples =
        std::any_of(header.signals.begin(), header.signals.end(),
                    [](const EdfSignal& signal) { return !signal.holds_annotations; });
    if (!seconds || *seconds < 0 || (*seconds == 0 && has_samples)) {
        fields.fail(duration_field, "seconds above zero");
    }
    header.record_seconds = *seconds;
    return header;
}

EdfScale edf_scale(const EdfHeader& header, const EdfSignal& signal) {
    const double digital = signal.digital_maximum - signal.digital_minimum;
    const double physical = signal.physical_maximum - signal.physical_minimum;
    if (!(digital > 0) || physical == 0) {
        fail_input(
            "{}: signal {}: digital {:g} to {:g} for physical {:g} to {:g}; expected two ranges "
            "that are not empty: this signal has no scale. Name the other leads to read them alone",
            header.path.string(), signal.label, signal.digital_minimum, signal.digital_maximum,
            signal.physical_minimum, signal.physical_maximum);
    }
    const double factor = physical / digital;
    return {factor, signal.physical_minimum - factor * signal.digital_minimum};
}

}  // namespace clef
