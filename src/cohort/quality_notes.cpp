#include "cohort/quality_notes.hpp"

#include <array>
#include <charconv>
#include <iterator>

#include "base/csv.hpp"
#include "base/error.hpp"
#include "base/file.hpp"

namespace clef {

namespace {

constexpr std::size_t cells_of_a_line = 10;

std::string header_line(const std::string& settings) {
    return csv_line({"clef quality notes 1", settings, "missing", "flat", "saturated", "noise",
                     "quality", "lead", "checksum", "end"});
}

std::string line_of(const std::string& key, const MeasuredQuality& measured) {
    const QualitySummary& s = measured.summary;
    const auto number = [](double value) { return fmt::format("{:.17g}", value); };
    return csv_line({key, "", number(s.missing), number(s.flat), number(s.saturated),
                     number(s.noise), number(s.quality), measured.lead, measured.checksum, "end"});
}

std::optional<double> number_in(const std::string& cell) {
    double value = 0;
    const char* end = cell.data() + cell.size();
    const auto [at, error] = std::from_chars(cell.data(), end, value);
    if (error != std::errc() || at != end) return std::nullopt;
    return value;
}

// Nothing for a line that a crash has cut.
std::optional<MeasuredQuality> measured_in(const std::vector<std::string>& cells) {
    if (cells.size() != cells_of_a_line || cells.back() != "end") return std::nullopt;
    MeasuredQuality measured;
    QualitySummary& s = measured.summary;
    const std::array targets = {&s.missing, &s.flat, &s.saturated, &s.noise, &s.quality};
    for (std::size_t i = 0; i < targets.size(); ++i) {
        const std::optional<double> value = number_in(cells[i + 2]);
        if (!value) return std::nullopt;
        *targets[i] = *value;
    }
    measured.lead = cells[7];
    measured.checksum = cells[8];
    return measured;
}

}  // namespace

QualityNotes::QualityNotes(const std::filesystem::path& file, const std::string& settings) {
    if (file.empty()) return;
    const std::string header = header_line(settings);
    std::string whole = header;
    std::ifstream before(file, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(before), {}};
    if (text.starts_with(header)) {
        // Up to the last line that ends: csv_line puts no other line break at a line's end than
        // "end\n".
        const std::size_t end = text.rfind(",end\n");
        whole = end == std::string::npos ? header : text.substr(0, end + 5);
        const CsvTable table = parse_csv(whole, file.string());
        for (const auto& cells : table.rows) {
            if (auto measured = measured_in(cells)) known_[cells[0]] = std::move(*measured);
        }
    }
    write_file(file, whole);
    file_.open(file, std::ios::binary | std::ios::app);
    if (!file_) fail_run("{}: cannot be written", file.string());
}

std::string QualityNotes::key_of(const Cohort& cohort, const CohortRow& row) {
    std::filesystem::path path = cohort.path_of(row);
    std::error_code error;
    if (!std::filesystem::exists(path, error)) path += ".hea";  // a WFDB record's name
    const auto size = std::filesystem::file_size(path, error);
    const auto time = std::filesystem::last_write_time(path, error);
    return fmt::format("{} {} {} {} {}", row.start_s.value_or(-1), row.duration_s.value_or(-1),
                       error ? 0 : size, error ? 0 : time.time_since_epoch().count(),
                       path.string());
}

std::optional<MeasuredQuality> QualityNotes::find(const std::string& key) const {
    const auto it = known_.find(key);
    return it == known_.end() ? std::nullopt : std::optional(it->second);
}

void QualityNotes::add(const std::string& key, const MeasuredQuality& measured) {
    if (!file_.is_open()) return;
    const std::string line = line_of(key, measured);
    const std::lock_guard lock(mutex_);
    file_ << line << std::flush;
    if (!file_) fail_run("the notes of what was measured cannot be written (is the disk full?)");
}

}  // namespace clef
