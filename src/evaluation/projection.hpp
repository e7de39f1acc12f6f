// What a cloud of embeddings looks like: principal components for a map, effective rank, alignment
// and uniformity. Matrices are rows × dimensions; every value must be finite (InputError). Computed
// in double; pure and thread-safe.
//
//   Effective rank: exp of the entropy of the normalised singular values (Roy & Vetterli, "The
//   effective rank: a measure of effective dimensionality", EUSIPCO 2007, definition 1). Between 1
//   and the number of dimensions; near 1 means that the representation has collapsed.
//   Alignment and uniformity: Wang & Isola, "Understanding contrastive representation learning
//   through alignment and uniformity on the hypersphere", ICML 2020, section 4.1.1 (α = 2, t = 2).
#pragma once

#include <vector>

#include "evaluation/matrix.hpp"

namespace clef {

struct PrincipalComponents {
    Matrix coordinates;                      // rows × components, centred
    Matrix components;                       // components × dimensions, orthonormal rows
    std::vector<double> mean;                // per dimension
    std::vector<double> explained_variance;  // fraction of the total per component
};

// The first `components` principal components (fewer where the matrix has fewer rows or columns).
// The sign is fixed: the loading of largest magnitude is positive.
PrincipalComponents principal_components(const FloatMatrix& embeddings, std::size_t components = 2);

// Of the matrix less its mean row, or of the matrix itself. 0 for a matrix of zeros.
double effective_rank(const FloatMatrix& embeddings, bool centre = true);

// Mean squared distance between row i of `first` and row i of `second`, both scaled to length 1:
// rows are positive pairs, such as two recordings of a patient. Lower is better aligned.
double alignment(const FloatMatrix& first, const FloatMatrix& second);

// log of the mean of exp(−2 ‖u − v‖²) over all pairs of different rows, scaled to length 1. Lower
// is more uniform. Needs two rows.
double uniformity(const FloatMatrix& embeddings);

}  // namespace clef
