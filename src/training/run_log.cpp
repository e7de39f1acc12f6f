#include "training/run_log.hpp"

#include "training/embedding_measures.hpp"

namespace clef {

double RunLog::seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
}

void RunLog::add(std::int64_t step, double epoch, double learning_rate, const StepResult& result) {
    nlohmann::json line = {{"step", step},
                           {"epoch", epoch},
                           {"loss", result.loss},
                           {"learning_rate", learning_rate},
                           {"effective_rank", effective_rank(result.embeddings)},
                           {"seconds", seconds()}};
    for (const auto& [name, value] : result.parts) line[name] = value;
    text_ += line.dump() + "\n";
}

}  // namespace clef
