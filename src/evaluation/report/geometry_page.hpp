// The page of `clef geometry`: correlations with intervals per model, the distance–risk curve, the
// embedding map, and what each form of the pair weights makes of a batch. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "clinical/dissimilarity.hpp"
#include "evaluation/geometry.hpp"

namespace clef {

// The first model less another, over the same resamples.
struct GeometryDifference {
    std::string value;  // GeometryValue::name
    std::string first, second;
    PairedDifference difference;
    std::optional<double> adjusted_p;  // Holm, over all rows together
};

// The first geometry against each other one, in the values that say how much the embedding follows
// risk. All must come from the same patients and options.
std::vector<GeometryDifference> compare_geometries(const std::vector<std::string>& models,
                                                   const std::vector<Geometry>& geometries);

struct GeometryReport {
    std::string cohort;
    std::string rows;  // "split test and val", "all rows"
    std::vector<std::string> models;
    std::vector<Geometry> geometries;  // parallel to models
    std::vector<GeometryDifference> differences;
    GeometryPatients patients;  // with the first model's embeddings
    GeometryOptions options;
    PairOptions weights;     // α and the mask of the batch shown; every form is
    std::size_t batch = 48;  // patients in it
};
std::string geometry_page(const GeometryReport& report);

}  // namespace clef
