// RUN/log.jsonl: a line for every step that is logged. The whole text travels in the checkpoints,
// so that a resumed run's log has neither gap nor repetition.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include <nlohmann/json.hpp>

#include "training/learner.hpp"

namespace clef {

class RunLog {
  public:
    // step, epoch, loss, learning_rate, effective_rank of the embeddings, seconds since this
    // program began the run, and the objective's parts.
    void add(std::int64_t step, double epoch, double learning_rate, const StepResult& result);

    const std::string& text() const { return text_; }
    void set_text(std::string text) { text_ = std::move(text); }
    double seconds() const;  // since the start

  private:
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
    std::string text_;
};

}  // namespace clef
