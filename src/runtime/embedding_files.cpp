#include "runtime/embedding_files.hpp"

#include <cerrno>
#include <cmath>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/csv.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "base/flush.hpp"
#include "base/text.hpp"
#include "formats/npy.hpp"

namespace clef {

namespace {

namespace fs = std::filesystem;

constexpr int journal_version = 1;

fs::path with_suffix(const fs::path& path, const char* suffix) {
    fs::path result = path;
    result += suffix;
    return result;
}

// The entries in which two descriptions of a run differ, as text.
std::string differences(const nlohmann::json& was, const nlohmann::json& is) {
    std::vector<std::string> parts;
    for (const auto& [key, value] : is.items()) {
        const nlohmann::json before = was.value(key, nlohmann::json());
        if (before == value) continue;
        const auto brief = [](const nlohmann::json& json) {
            const std::string text = json.dump();
            return text.size() <= 80 ? text : text.substr(0, 77) + "...";
        };
        parts.push_back(fmt::format("{} was {}, is {}", key, brief(before), brief(value)));
    }
    return join(parts, "; ");
}

void flush(int descriptor, const fs::path& path) {
    if (::fdatasync(descriptor) == 0) return;
    fail_run("{}: cannot flush to the disk: {}", path.string(), std::strerror(errno));
}

// Locks a file just opened: false where another process has it, or has taken its name away since.
// Where the file system knows no locks, it is taken to be ours.
bool is_ours_alone(int descriptor, const fs::path& path) {
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) return false;
    struct stat opened {};
    struct stat named {};
    return ::fstat(descriptor, &opened) == 0 && ::stat(path.c_str(), &named) == 0 &&
           opened.st_ino == named.st_ino;
}

void rename_to(const fs::path& from, const fs::path& to) {
    std::error_code error;
    fs::rename(from, to, error);
    if (error) fail_run("{}: cannot rename into place: {}", to.string(), error.message());
}

// As write_file(), but always by way of the same name: what a killed run leaves is overwritten by
// the next, and no two runs write one output.
void replace_file(const fs::path& path, const std::string& text) {
    const fs::path part = with_suffix(path, ".part");
    const int descriptor = ::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (descriptor < 0) fail_run("{}: cannot create: {}", part.string(), std::strerror(errno));
    const bool written =
        ::write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
        ::fsync(descriptor) == 0;
    ::close(descriptor);
    if (!written) fail_run("{}: cannot write: {}", part.string(), std::strerror(errno));
    rename_to(part, path);
    flush_folder(path);
}

void remove_quietly(const fs::path& path) {
    std::error_code ignored;
    fs::remove(path, ignored);
}

}  // namespace

std::string embedding_table_header() {
    return csv_line({"row", "record", "patient_id", "lead", "start_s", "duration_s", "missing",
                     "flat", "flat_fraction", "saturated_fraction", "noise", "baseline",
                     "quality"});
}

std::string embedding_table_line(std::size_t number, const EmbeddingRow& row,
                                 const CohortRow& source) {
    const auto text = [](double value) {
        return std::isnan(value) ? std::string() : fmt::format("{:.4g}", value);
    };
    return csv_line({fmt::format("{}", number), source.record, source.patient_id, row.lead,
                     fmt::format("{:g}", row.start_seconds), fmt::format("{:g}", row.seconds),
                     text(row.missing), row.flat ? "1" : "0", text(row.flat_fraction),
                     text(row.saturated_fraction), text(row.noise), text(row.baseline),
                     text(row.quality)});
}

EmbeddingFiles::EmbeddingFiles(EmbeddingFilesOptions options)
    : options_(std::move(options)),
      journal_(with_suffix(options_.output, ".journal")),
      flushed_(std::chrono::steady_clock::now()) {
    values_.path = options_.output;
    table_.path = options_.output;
    table_.path.replace_extension(".csv");
    skipped_.path = options_.skipped;
    values_.part = with_suffix(values_.path, ".part");
    table_.part = with_suffix(table_.path, ".part");
    skipped_.part = with_suffix(values_.path, ".skipped.part");
    make_folder(values_.path.has_parent_path() ? values_.path.parent_path() : fs::path("."));
    try {
        open_parts();
    } catch (...) {
        for (Part* part : parts()) {
            if (part->descriptor >= 0) ::close(part->descriptor);
        }
        throw;
    }
}

EmbeddingFiles::~EmbeddingFiles() {
    if (!finished_) {
        if (!has_journal()) {
            for (Part* part : parts()) remove_quietly(part->part);
        } else if (whole_recordings_) {
            try {
                checkpoint();
            } catch (...) {  // the journal stands for less, then
            }
        }
    }
    for (Part* part : parts()) ::close(part->descriptor);
}

bool EmbeddingFiles::has_journal() const {
    std::error_code ignored;
    return fs::exists(journal_, ignored);
}

void EmbeddingFiles::open_parts() {
    for (Part* part : parts()) {
        part->descriptor = ::open(part->part.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
        if (part->descriptor < 0) {
            fail_run("{}: cannot create: {}", part->part.string(), std::strerror(errno));
        }
        if (part == &values_ && !is_ours_alone(part->descriptor, part->part)) {
            fail_input("{}: another run is writing it; wait for it, or name another output",
                       values_.path.string());
        }
    }
    if (options_.restart) remove_quietly(journal_);
    if (has_journal()) {
        nlohmann::json journal;
        try {
            journal = nlohmann::json::parse(read_text_file(journal_));
            resume(journal);
        } catch (const nlohmann::json::exception&) {
            fail_input("{}: not a journal of this program; --restart begins again",
                       journal_.string());
        }
    } else {
        start();
    }
}

void EmbeddingFiles::start() {
    remove_quietly(with_suffix(journal_, ".part"));
    for (Part* part : parts()) {
        if (::ftruncate(part->descriptor, 0) != 0) {
            fail_run("{}: cannot write: {}", part->part.string(), std::strerror(errno));
        }
    }
    const std::string header = npy_header({0, options_.dimensions});
    write(values_, header.data(), header.size());
    const std::string columns = embedding_table_header();
    write(table_, columns.data(), columns.size());
}

void EmbeddingFiles::resume(const nlohmann::json& journal) {
    if (journal.at("version") != journal_version) {
        fail_input("{}: a journal of another version of clef; --restart begins again",
                   journal_.string());
    }
    run_ = options_.describe_run();
    if (journal.at("run") != run_) {
        fail_input(
            "{}: an interrupted run of something else left what it had done: {}. Go on with the "
            "same inputs and options, or add --restart to throw it away",
            values_.path.string(), differences(journal.at("run"), run_));
    }
    progress_ = {journal.at("recordings").get<std::size_t>(), journal.at("rows").get<std::size_t>(),
                 journal.at("skipped").get<std::size_t>(),
                 journal.at("windows_below").get<std::size_t>(),
                 journal.at("first_trouble").get<std::string>()};
    resumed_ = true;
    const bool finishing = journal.at("finishing").get<bool>();
    for (Part* part : parts()) {
        part->bytes = journal.at("bytes").at(part->part.filename().string()).get<std::uint64_t>();
        struct stat status {};
        if (::fstat(part->descriptor, &status) != 0 ||
            static_cast<std::uint64_t>(status.st_size) < part->bytes) {
            // Its bytes may have got their name already; then the empty one is ours.
            if (finishing && status.st_size == 0) {
                remove_quietly(part->part);
                continue;
            }
            fail_input("{}: shorter than the {} bytes noted in {}; --restart begins again",
                       part->part.string(), part->bytes, journal_.string());
        }
        if (::ftruncate(part->descriptor, static_cast<off_t>(part->bytes)) != 0 ||
            ::lseek(part->descriptor, 0, SEEK_END) < 0) {
            fail_run("{}: cannot write: {}", part->part.string(), std::strerror(errno));
        }
    }
}

void EmbeddingFiles::write(Part& part, const void* data, std::size_t bytes) {
    const char* next = static_cast<const char*>(data);
    part.bytes += bytes;
    while (bytes > 0) {
        const ssize_t written = ::write(part.descriptor, next, bytes);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) {
            fail_run("{}: cannot write: {}", part.part.string(), std::strerror(errno));
        }
        next += written;
        bytes -= static_cast<std::size_t>(written);
    }
}

void EmbeddingFiles::append_skipped(const std::string& record, const std::string& reason) {
    std::string text = skipped_.bytes == 0 ? csv_line({"record", "reason"}) : "";
    text += csv_line({record, reason});
    write(skipped_, text.data(), text.size());
    ++progress_.skipped;
    if (progress_.first_trouble.empty()) progress_.first_trouble = reason;
}

void EmbeddingFiles::append(const Cohort& cohort, const EmbeddedRecording& recording) {
    const CohortRow& source = cohort.rows[recording.cohort_row];
    std::string text;
    for (std::size_t i = 0; i < recording.rows.size(); ++i) {
        text += embedding_table_line(progress_.rows + i, recording.rows[i], source);
    }
    whole_recordings_ = false;  // while a write may fail half way
    write(values_, recording.values.data(), recording.values.size() * sizeof(float));
    write(table_, text.data(), text.size());
    if (!recording.trouble.empty()) append_skipped(source.record, recording.trouble);
    progress_.rows += recording.rows.size();
    progress_.windows_below += recording.windows_below;
    ++progress_.recordings;
    whole_recordings_ = true;
    const std::chrono::duration<double> since = std::chrono::steady_clock::now() - flushed_;
    if (since.count() >= options_.checkpoint_seconds) checkpoint();
}

void EmbeddingFiles::checkpoint() {
    for (Part* part : parts()) flush(part->descriptor, part->part);
    write_journal(false);
    flushed_ = std::chrono::steady_clock::now();
}

void EmbeddingFiles::write_journal(bool finishing) {
    if (run_.is_null()) run_ = options_.describe_run();
    nlohmann::json bytes;
    for (Part* part : parts()) bytes[part->part.filename().string()] = part->bytes;
    const nlohmann::json journal = {{"version", journal_version},
                                    {"run", run_},
                                    {"recordings", progress_.recordings},
                                    {"rows", progress_.rows},
                                    {"skipped", progress_.skipped},
                                    {"windows_below", progress_.windows_below},
                                    {"first_trouble", progress_.first_trouble},
                                    {"bytes", bytes},
                                    {"finishing", finishing}};
    replace_file(journal_, journal.dump(2) + "\n");
}

// Each part that is still under its other name; the values last, so that out.npy is there only when
// everything is.
void EmbeddingFiles::name_parts() {
    if (fs::exists(table_.part)) rename_to(table_.part, table_.path);
    if (progress_.skipped == 0) {
        remove_quietly(skipped_.part);
        remove_quietly(skipped_.path);
    } else if (fs::exists(skipped_.part)) {
        rename_to(skipped_.part, skipped_.path);
    }
    if (fs::exists(values_.part)) rename_to(values_.part, values_.path);
}

void EmbeddingFiles::finish() {
    if (fs::exists(values_.part)) {
        const std::string header = npy_header({progress_.rows, options_.dimensions});
        if (::pwrite(values_.descriptor, header.data(), header.size(), 0) !=
            static_cast<ssize_t>(header.size())) {
            fail_run("{}: cannot write: {}", values_.part.string(), std::strerror(errno));
        }
    }
    for (Part* part : parts()) {
        const bool empty = part == &skipped_ && progress_.skipped == 0;
        if (!empty) flush(part->descriptor, part->part);
    }
    if (has_journal()) write_journal(true);
    name_parts();
    flush_folder(values_.path);
    finished_ = true;
    remove_quietly(with_suffix(journal_, ".part"));
    remove_quietly(journal_);
}

}  // namespace clef
