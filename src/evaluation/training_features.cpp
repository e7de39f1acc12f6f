#include "evaluation/training_features.hpp"

#include <cmath>

#include "base/error.hpp"

namespace clef {

void check_training_features(const Matrix& features) {
    if (features.rows == 0 || features.columns == 0) {
        fail_input("a probe needs at least one training row");
    }
    for (std::size_t i = 0; i < features.values.size(); ++i) {
        if (!std::isfinite(features.values[i])) {
            fail_input("feature {} of training row {} is not a finite number; check the embeddings",
                       i % features.columns + 1, i / features.columns + 1);
        }
    }
}

}  // namespace clef
