#include "formats/edf_writer.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <edflib.h>
#include <fmt/format.h>
#include <mutex>
#include <unistd.h>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "formats/edf_layout.hpp"
#include "formats/units.hpp"
#include "formats/wfdb_time.hpp"

namespace clef {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t longest_text = 40;  // bytes: EDFlib's limit
constexpr std::size_t longest_label = 16;
constexpr std::size_t longest_unit = 8;
constexpr double annotation_ticks = 10000;          // per second
constexpr std::size_t max_annotation_signals = 64;  // what EDFlib accepts

std::mutex edflib_mutex;

// The file under its temporary name; removed unless it was put into place.
class PartialFile {
  public:
    explicit PartialFile(const fs::path& path) : path_(path), temporary_(path) {
        static std::atomic<unsigned> count{0};
        temporary_ += fmt::format(".partial-{}-{}", ::getpid(), count++);
        if (path.has_parent_path()) make_folder(path.parent_path());
    }
    ~PartialFile() {
        std::error_code ignored;
        fs::remove(temporary_, ignored);
    }
    PartialFile(const PartialFile&) = delete;
    PartialFile& operator=(const PartialFile&) = delete;

    const fs::path& temporary() const { return temporary_; }

    // Through AtomicFile, which knows how to reach the disk.
    void commit() const {
        const MappedFile mapped(temporary_);
        write_file(path_, mapped.text());
    }

  private:
    fs::path path_;
    fs::path temporary_;
};

std::string ascii(std::string_view text, std::size_t longest) {
    std::string plain;
    for (const char c : text) {
        if (static_cast<unsigned char>(c) >= 0x80) continue;
        plain += c < ' ' ? ' ' : c;
    }
    return plain.substr(0, longest);
}

// "µV" loses its first letter in ASCII.
std::string unit_text(const std::string& unit) {
    const std::string plain = ascii(unit, longest_unit);
    return plain != unit && millivolts_per(unit) == 1e-3 ? "uV" : plain;
}

// At most 40 bytes, not cutting through a UTF-8 character.
std::string fitting(const std::string& text) {
    if (text.size() <= longest_text) return text;
    std::size_t size = longest_text;
    while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;
    return text.substr(0, size);
}

void check_samples(const DigitalRecording& recording) {
    if (recording.signals.empty() || recording.samples() == 0) {
        fail_input("{}: nothing to write: the recording has no samples", recording.source);
    }
    if (recording.signals.size() > EDFLIB_MAXSIGNALS) {
        fail_input("{}: {} leads; EDF is written with at most {}", recording.source,
                   recording.signals.size(), EDFLIB_MAXSIGNALS);
    }
    for (const DigitalSignal& signal : recording.signals) {
        const auto missing = std::find(signal.samples.begin(), signal.samples.end(), wfdb_missing);
        if (missing == signal.samples.end()) continue;
        fail_input(
            "{}: lead {}, sample {} is missing, which EDF cannot hold; choose a part without gaps "
            "(--from, --to), other leads (--leads) or another format",
            recording.source, signal.label, missing - signal.samples.begin());
    }
    check_digital_limits(recording, -32768, 32767, "EDF's 16 bits");
}

// One EDFlib handle, closed whatever happens. To be used with edflib_mutex held.
class Writer {
  public:
    Writer(const fs::path& path, std::size_t signals) : name_(path.string()) {
        handle_ = edfopen_file_writeonly(name_.c_str(), EDFLIB_FILETYPE_EDFPLUS,
                                         static_cast<int>(signals));
        if (handle_ < 0) fail_run("{}: EDFlib cannot open it for writing ({})", name_, handle_);
    }
    ~Writer() {
        if (handle_ >= 0) edfclose_file(handle_);
    }
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    int handle() const { return handle_; }

    void require(int result, const char* what) const {
        if (result != 0) fail_run("{}: EDFlib refuses {} ({})", name_, what, result);
    }

    void close() {
        const int result = edfclose_file(handle_);
        handle_ = -1;
        require(result, "to close it; is the disk full?");
    }

  private:
    std::string name_;
    int handle_ = -1;
};

// EDFlib cuts numbers to eight characters without rounding: a little further from zero, 11.0562
// does not become 11.0561.
double nudged(double value) {
    return value + std::copysign(1e-9, value);
}

void describe_signals(const Writer& writer, const DigitalRecording& recording,
                      const std::vector<EdfCalibration>& calibrations,
                      const EdfRecordLayout& layout, EdfLosses& losses) {
    const int handle = writer.handle();
    for (std::size_t i = 0; i < calibrations.size(); ++i) {
        const int at = static_cast<int>(i);
        const EdfCalibration& limits = calibrations[i];
        const std::string label = ascii(recording.signals[i].label, longest_label);
        if (label != recording.signals[i].label) ++losses.labels_cut;
        writer.require(edf_set_samplefrequency(handle, at, layout.samples), "samples per record");
        writer.require(edf_set_digital_minimum(handle, at, limits.digital_minimum), "a limit");
        writer.require(edf_set_digital_maximum(handle, at, limits.digital_maximum), "a limit");
        writer.require(edf_set_physical_minimum(handle, at, nudged(limits.physical_minimum)),
                       "a limit");
        writer.require(edf_set_physical_maximum(handle, at, nudged(limits.physical_maximum)),
                       "a limit");
        writer.require(edf_set_label(handle, at, label.c_str()), "a label");
        const std::string unit = unit_text(recording.signals[i].unit);
        writer.require(edf_set_physical_dimension(handle, at, unit.c_str()), "a unit");
    }
}

void describe_start(const Writer& writer, const DigitalRecording& recording, EdfLosses& losses) {
    WfdbHeader header;
    header.base_time = recording.base_time;
    header.base_date = recording.base_date;
    const WfdbBaseTime base = wfdb_base_time(header);
    constexpr std::int64_t day_1985 = 5479;  // since 1970
    constexpr std::int64_t day_2085 = 42003;
    const bool has_date = base.day && *base.day >= day_1985 && *base.day < day_2085;
    losses.start_date_left_out = base.day.has_value() && !has_date;
    // 1 January 1985 is EDF+'s own "no date".
    const std::chrono::year_month_day date{
        std::chrono::sys_days(std::chrono::days(has_date ? *base.day : day_1985))};
    const auto milliseconds = static_cast<std::int64_t>(base.milliseconds) % 86'400'000;
    const auto seconds = static_cast<int>(milliseconds / 1000);
    writer.require(edf_set_startdatetime(writer.handle(), static_cast<int>(date.year()),
                                         static_cast<int>(static_cast<unsigned>(date.month())),
                                         static_cast<int>(static_cast<unsigned>(date.day())),
                                         seconds / 3600, seconds / 60 % 60, seconds % 60),
                   "the start");
    writer.require(
        edf_set_subsecond_starttime(writer.handle(), static_cast<int>(milliseconds % 1000) * 10000),
        "the start");
}

void write_samples(const Writer& writer, const DigitalRecording& recording,
                   const EdfRecordLayout& layout) {
    std::vector<short> block(static_cast<std::size_t>(layout.samples));
    for (std::size_t record = 0; record < layout.records; ++record) {
        const std::size_t first = record * block.size();
        for (const DigitalSignal& signal : recording.signals) {
            for (std::size_t i = 0; i < block.size(); ++i) {
                const std::size_t at = std::min(first + i, signal.samples.size() - 1);
                block[i] = static_cast<short>(signal.samples[at]);
            }
            writer.require(edfwrite_digital_short_samples(writer.handle(), block.data()),
                           "samples; is the disk full?");
        }
    }
}

void write_annotations(const Writer& writer, const std::vector<Annotation>& annotations,
                       EdfLosses& losses) {
    for (const Annotation& annotation : annotations) {
        if (annotation.seconds < 0) {
            ++losses.annotations_left_out;
            continue;
        }
        const std::string whole = edf_annotation_text(annotation);
        const std::string text = fitting(whole);
        losses.texts_cut += text.size() < whole.size() ? 1 : 0;
        const auto ticks = [](double seconds) {
            return static_cast<long long>(std::llround(seconds * annotation_ticks));
        };
        writer.require(edfwrite_annotation_utf8(
                           writer.handle(), ticks(annotation.seconds),
                           annotation.duration > 0 ? ticks(annotation.duration) : -1, text.c_str()),
                       "an annotation");
    }
}

double rounding_of(const DigitalSignal& signal, const EdfCalibration& calibration) {
    double largest = 0;
    for (const std::int32_t sample : signal.samples) {
        const double difference = edf_physical(calibration, sample) - signal.physical(sample);
        largest = std::max(largest, std::abs(difference));
    }
    return largest < 1e-9 ? 0 : largest;  // below that it is the arithmetic, not the header
}

}  // namespace

std::string edf_annotation_text(const Annotation& annotation) {
    if (annotation.symbol == note_symbol) return annotation.text;
    // Text may end in zero bytes or blanks, which mean nothing.
    const std::string text(trim(annotation.text.c_str()));
    return text.empty() ? annotation.symbol : annotation.symbol + " " + text;
}

EdfLosses write_edf(const fs::path& path, const DigitalRecording& recording,
                    const std::vector<Annotation>& annotations) {
    check_samples(recording);
    // EDFlib keeps one annotation per record and annotation signal, and drops the rest silently.
    const std::size_t fewest_records =
        (annotations.size() + max_annotation_signals - 1) / max_annotation_signals;
    const auto layout = edf_record_layout(recording.sampling_rate, recording.samples(),
                                          recording.signals.size(), fewest_records);
    if (!layout) {
        fail_input(
            "{}: EDF cannot express {} Hz with {} annotations in data records of 0.1 to 60 s",
            recording.source, recording.sampling_rate, annotations.size());
    }
    EdfLosses losses;
    losses.sampling_rate = layout->sampling_rate;
    losses.samples_added = layout->samples_added;
    std::vector<EdfCalibration> calibrations;
    for (const DigitalSignal& signal : recording.signals) {
        calibrations.push_back(edf_calibration(signal));
        losses.largest_difference =
            std::max(losses.largest_difference, rounding_of(signal, calibrations.back()));
    }
    const std::size_t lists =
        std::max<std::size_t>(1, (annotations.size() + layout->records - 1) / layout->records);

    const PartialFile partial(path);
    {
        const std::lock_guard lock(edflib_mutex);
        Writer writer(partial.temporary(), recording.signals.size());
        describe_signals(writer, recording, calibrations, *layout, losses);
        writer.require(edf_set_datarecord_duration(writer.handle(), layout->duration),
                       "the duration of a data record");
        writer.require(
            edf_set_number_of_annotation_signals(writer.handle(), static_cast<int>(lists)),
            "the number of annotation signals");
        describe_start(writer, recording, losses);
        write_samples(writer, recording, *layout);
        write_annotations(writer, annotations, losses);
        writer.close();
    }
    partial.commit();
    return losses;
}

}  // namespace clef
