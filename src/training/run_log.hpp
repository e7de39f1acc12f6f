// RUN/log.jsonl: a line for every step that is logged and for every validation, there to be read
// while the run goes on; the same numbers in an event file for TensorBoard. The whole text travels
// in the checkpoints, so that a resumed run's log has neither gap nor repetition.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include <nlohmann/json.hpp>

#include "pretraining/event_file.hpp"
#include "training/learner.hpp"

namespace clef {

class RunLog {
  public:
    // Before the first add(): what of the text there is goes to the file. RunError where it cannot
    // be written.
    void open(const std::filesystem::path& folder, std::int64_t first_step, bool events);

    // step, epoch, loss, learning_rate, the embeddings' effective_rank, view_alignment and
    // uniformity (embedding_measures.hpp), seconds since this program began the run, and the
    // objective's parts.
    void add(std::int64_t step, double epoch, double learning_rate, const StepResult& result);
    // A line of other numbers, such as those of a validation.
    void add(std::int64_t step, const std::map<std::string, double>& numbers);

    const std::string& text() const { return text_; }
    void set_text(std::string text) { text_ = std::move(text); }
    double seconds() const;  // since the start

  private:
    void write(std::int64_t step, const nlohmann::json& line);

    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
    std::string text_;
    std::filesystem::path path_;
    std::ofstream file_;
    std::unique_ptr<EventFile> events_;  // none where they are off
};

}  // namespace clef
