// What `clef embed` and `clef merge` say of the embeddings that they have written.
#pragma once

#include <optional>

#include <nlohmann/json_fwd.hpp>

#include "runtime/embedding_run.hpp"

namespace clef {

// A line (or JSON) on standard output; what was left out on standard error.
void report_embeddings(const EmbeddingOutput& written, std::optional<double> min_quality,
                       const nlohmann::json& recipe, bool json);

}  // namespace clef
