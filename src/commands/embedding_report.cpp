#include "commands/embedding_report.hpp"

#include <nlohmann/json.hpp>

#include "base/progress.hpp"
#include "commands/output.hpp"

namespace clef {

void report_embeddings(const EmbeddingOutput& written, std::optional<double> min_quality,
                       const nlohmann::json& recipe, bool json) {
    const EmbeddingProgress& done = written.done;
    if (done.skipped > 0) {
        warn(fmt::format("{} recording{} skipped, listed with reasons in {}", done.skipped,
                         done.skipped == 1 ? "" : "s", written.skipped_list.string()));
    }
    if (done.windows_below > 0) {
        note(fmt::format("{} windows of a quality below {:g} are left out", done.windows_below,
                         min_quality.value_or(0)));
    }
    if (json) {
        print_json({{"output", written.output.string()},
                    {"rows", done.rows},
                    {"dimensions", written.dimensions},
                    {"skipped", done.skipped},
                    {"windows_below_min_quality", done.windows_below},
                    {"recipe", recipe}});
        return;
    }
    fmt::print("{}: {} × {} float32; {} says what each row is\n", written.output.string(),
               done.rows, written.dimensions, written.table.string());
}

}  // namespace clef
