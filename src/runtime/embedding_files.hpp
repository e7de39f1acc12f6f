// The files of an embedding run, written as it goes: out.npy (float32 rows), out.csv (what each row
// is) and a list of skipped recordings. They grow under other names (out.npy.part, …) and get their
// own only when they are whole. Every few seconds what is written is flushed to the disk and noted
// in out.npy.journal: after an interruption of any kind, a power cut included, the same run goes on
// from there and ends with the same bytes as if nothing had happened.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "cohort/cohort.hpp"
#include "runtime/embed.hpp"

namespace clef {

struct EmbeddingFilesOptions {
    std::filesystem::path output;   // out.npy; out.csv lies beside it
    std::filesystem::path skipped;  // the list of skipped recordings
    std::size_t dimensions = 0;
    // Everything that the bytes depend on, one entry each ("model", "recipe", "lead", …); made only
    // where it is needed. A journal of another run is refused, with the entries that differ.
    std::function<nlohmann::json()> describe_run;
    double checkpoint_seconds = 2;  // 0: after every recording
    bool restart = false;           // throw away what an interrupted run left
};

// How far a run has come.
struct EmbeddingProgress {
    std::size_t recordings = 0;  // of the run's, skipped ones included
    std::size_t rows = 0;
    std::size_t skipped = 0;
    std::size_t windows_below = 0;
    std::string first_trouble;
};

// Not thread-safe. Only one run at a time may write one output: another is refused.
class EmbeddingFiles {
  public:
    // Errors: InputError where another run is at work there or left a journal, RunError where
    // nothing can be written.
    explicit EmbeddingFiles(EmbeddingFilesOptions options);
    // Without finish(): keeps what a journal stands for, else leaves nothing behind.
    ~EmbeddingFiles();
    EmbeddingFiles(const EmbeddingFiles&) = delete;
    EmbeddingFiles& operator=(const EmbeddingFiles&) = delete;

    const EmbeddingProgress& progress() const { return progress_; }
    bool resumed() const { return resumed_; }
    bool has_journal() const;

    // Before the first recording of a run that is not resumed: what the table itself left out.
    void append_skipped(const std::string& record, const std::string& reason);
    void append(const Cohort& cohort, const EmbeddedRecording& recording);
    // Gives the files their names; the list of skipped recordings only where there are any (an old
    // one is removed).
    void finish();

  private:
    // A file that grows under another name.
    struct Part {
        std::filesystem::path path;  // where it is to stand
        std::filesystem::path part;  // where it grows
        int descriptor = -1;
        std::uint64_t bytes = 0;
    };
    void open_parts();
    void resume(const nlohmann::json& journal);
    void start();
    void write(Part& part, const void* data, std::size_t bytes);
    void checkpoint();
    void write_journal(bool finishing);
    void name_parts();
    std::vector<Part*> parts() { return {&values_, &table_, &skipped_}; }

    EmbeddingFilesOptions options_;
    std::filesystem::path journal_;
    nlohmann::json run_;  // described once
    Part values_;
    Part table_;
    Part skipped_;
    EmbeddingProgress progress_;
    bool resumed_ = false;
    bool finished_ = false;
    bool whole_recordings_ = true;  // the parts end with a recording
    std::chrono::steady_clock::time_point flushed_;
};

// One line of out.csv.
std::string embedding_table_header();
std::string embedding_table_line(std::size_t number, const EmbeddingRow& row,
                                 const CohortRow& source);

}  // namespace clef
