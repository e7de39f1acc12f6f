#include "training/run_log.hpp"

#include "base/error.hpp"
#include "base/file.hpp"
#include "training/embedding_measures.hpp"

namespace clef {

double RunLog::seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
}

void RunLog::open(const std::filesystem::path& folder, std::int64_t first_step, bool events) {
    path_ = folder / "log.jsonl";
    write_file(path_, text_);
    file_.open(path_, std::ios::binary | std::ios::app);
    if (events) events_ = std::make_unique<EventFile>(folder, first_step);
}

void RunLog::add(std::int64_t step, double epoch, double learning_rate, const StepResult& result) {
    nlohmann::json line = {{"step", step},
                           {"epoch", epoch},
                           {"loss", result.loss},
                           {"learning_rate", learning_rate},
                           {"effective_rank", effective_rank(result.embeddings)},
                           {"view_alignment", view_alignment(result.embeddings)},
                           {"uniformity", uniformity(result.embeddings)},
                           {"seconds", seconds()}};
    for (const auto& [name, value] : result.parts) line[name] = value;
    write(step, line);
}

void RunLog::add(std::int64_t step, const std::map<std::string, double>& numbers) {
    nlohmann::json line = numbers;
    line["step"] = step;
    line["seconds"] = seconds();
    write(step, line);
}

void RunLog::write(std::int64_t step, const nlohmann::json& line) {
    const std::string text = line.dump() + "\n";
    text_ += text;
    file_ << text << std::flush;
    if (!file_) fail_run("{}: cannot be written (is the disk full?)", path_.string());
    if (!events_) return;
    std::vector<std::pair<std::string, double>> scalars;
    for (const auto& [name, value] : line.items()) {
        if (name != "step" && value.is_number()) scalars.emplace_back(name, value.get<double>());
    }
    events_->add(step, scalars);
}

}  // namespace clef
