#include "formats/edf_annotations.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string_view>

#include "base/error.hpp"
#include "base/text.hpp"

namespace clef {

namespace {

constexpr char after_onset = '\x15';
constexpr char after_text = '\x14';
constexpr double latest_onset = 1e10;  // seconds; some three hundred years

struct Tal {
    double onset = 0;  // seconds from the start in the file's header
    double duration = 0;
    std::string_view texts;  // separated, and the last followed, by 0x14
};

// Walks the TALs in one record's bytes of one annotation signal.
class TalWalk {
  public:
    explicit TalWalk(std::string_view bytes) : bytes_(bytes) {}

    // The next TAL; nothing at the end, or where what follows is none: then broken() holds.
    std::optional<Tal> next() {
        // Unused bytes are zero, between TALs too where a writer aligns them.
        const std::size_t begin = bytes_.find_first_not_of('\0', position_);
        if (begin == std::string_view::npos) return std::nullopt;
        const std::size_t end = bytes_.find('\0', begin);
        const std::string_view tal = bytes_.substr(begin, end - begin);
        position_ = begin;
        const std::optional<Tal> parsed = parse(tal);
        broken_ = !parsed;
        if (parsed) position_ = end == std::string_view::npos ? bytes_.size() : end;
        return parsed;
    }
    bool broken() const { return broken_; }
    std::size_t position() const { return position_; }

  private:
    static std::optional<Tal> parse(std::string_view tal) {
        const std::size_t times_end = tal.find(after_text);
        if (times_end == std::string_view::npos || tal.back() != after_text) return std::nullopt;
        const std::string_view times = tal.substr(0, times_end);
        const std::size_t onset_end = times.find(after_onset);
        const std::optional<double> onset = parse_double(times.substr(0, onset_end));
        if (!onset || std::abs(*onset) > latest_onset) return std::nullopt;
        Tal result{*onset, 0, tal.substr(times_end + 1)};
        if (onset_end == std::string_view::npos) return result;
        const std::optional<double> duration = parse_double(times.substr(onset_end + 1));
        if (!duration || *duration < 0) return std::nullopt;
        result.duration = *duration;
        return result;
    }

    std::string_view bytes_;
    std::size_t position_ = 0;
    bool broken_ = false;
};

std::uint64_t place_of(const EdfHeader& header, const EdfSignal& signal, std::uint64_t record) {
    return header.header_bytes + record * header.record_bytes + signal.offset;
}

std::string_view annotation_bytes(const EdfHeader& header, std::span<const std::byte> file,
                                  const EdfSignal& signal, std::uint64_t record) {
    const auto bytes = file.subspan(place_of(header, signal, record),
                                    signal.samples_per_record * header.sample_bytes());
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

const EdfSignal* first_annotation_signal(const EdfHeader& header) {
    const auto found = std::find_if(header.signals.begin(), header.signals.end(),
                                    [](const EdfSignal& s) { return s.holds_annotations; });
    return found == header.signals.end() ? nullptr : &*found;
}

void append(std::vector<Annotation>& annotations, const Tal& tal, double first, double rate) {
    for (const std::string_view text : split(tal.texts, after_text)) {
        if (text.empty()) continue;  // the record's own time, or what follows the last 0x14
        Annotation annotation;
        annotation.seconds = tal.onset - first;
        annotation.sample = std::llround(annotation.seconds * rate);
        annotation.text = text;
        annotation.duration = tal.duration;
        annotations.push_back(std::move(annotation));
    }
}

}  // namespace

std::vector<double> edf_record_starts(const EdfHeader& header, std::span<const std::byte> file) {
    const EdfSignal* signal = first_annotation_signal(header);
    const std::string name = header.path.string();
    if (signal == nullptr) {
        fail_input(
            "{}: {} without a signal '{} Annotations', which would say when the records "
            "begin",
            name, header.format_name(), header.is_bdf ? "BDF" : "EDF");
    }
    std::vector<double> starts;
    starts.reserve(header.records);
    for (std::uint64_t record = 0; record < header.records; ++record) {
        const std::optional<Tal> tal =
            TalWalk(annotation_bytes(header, file, *signal, record)).next();
        if (!tal) {
            fail_input("{}: byte {}: record {} does not say when it begins; expected '+SECONDS'",
                       name, place_of(header, *signal, record), record + 1);
        }
        // The times are rounded to the digits that the writer gave them.
        const double tolerance = 0.01 * header.record_seconds;
        if (!starts.empty() && tal->onset < starts.back() + header.record_seconds - tolerance) {
            fail_input("{}: byte {}: record {} begins at {} s, before record {} ends ({} s)", name,
                       place_of(header, *signal, record), record + 1, tal->onset, record,
                       starts.back() + header.record_seconds);
        }
        starts.push_back(tal->onset);
    }
    return starts;
}

std::vector<Annotation> edf_annotations(const EdfHeader& header, std::span<const std::byte> file,
                                        double rate) {
    std::vector<Annotation> annotations;
    const EdfSignal* timekeeper = first_annotation_signal(header);
    if (timekeeper == nullptr || header.records == 0) return annotations;
    const std::optional<Tal> begin = TalWalk(annotation_bytes(header, file, *timekeeper, 0)).next();
    const double first = begin ? begin->onset : 0;
    for (std::uint64_t record = 0; record < header.records; ++record) {
        for (const EdfSignal& signal : header.signals) {
            if (!signal.holds_annotations) continue;
            TalWalk walk(annotation_bytes(header, file, signal, record));
            while (const std::optional<Tal> tal = walk.next()) {
                append(annotations, *tal, first, rate);
            }
            if (!walk.broken()) continue;
            fail_input(
                "{}: byte {}: record {} holds no annotation here; expected a time in "
                "seconds, a text and their separators",
                header.path.string(), place_of(header, signal, record) + walk.position(),
                record + 1);
        }
    }
    return annotations;
}

}  // namespace clef
