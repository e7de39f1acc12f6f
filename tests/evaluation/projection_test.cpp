#include "evaluation/projection.hpp"

#include <cmath>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "evaluation/fixture.hpp"

namespace clef {
namespace {

TEST(Projection, AgreesWithNumPy) {
    const auto& expected = testing::scikit_learn()["projection"];
    const auto matrix = testing::matrix_of<float>(expected["matrix"]);
    const PrincipalComponents map = principal_components(matrix, 2);
    ASSERT_EQ(map.coordinates.rows, 12U);
    for (std::size_t i = 0; i < 12; ++i) {
        for (std::size_t k = 0; k < 2; ++k) {
            EXPECT_NEAR(map.coordinates.at(i, k), expected["coordinates"][i][k].get<double>(),
                        1e-9);
        }
    }
    for (std::size_t k = 0; k < 2; ++k) {
        EXPECT_NEAR(map.explained_variance[k], expected["explained_variance"][k].get<double>(),
                    1e-9);
    }
    EXPECT_NEAR(effective_rank(matrix), expected["effective_rank_centred"].get<double>(), 1e-9);
    EXPECT_NEAR(effective_rank(matrix, false), expected["effective_rank"].get<double>(), 1e-9);
    EXPECT_NEAR(uniformity(matrix), expected["uniformity"].get<double>(), 1e-9);
    FloatMatrix first(6, 4), second(6, 4);
    std::copy_n(matrix.values.begin(), 24, first.values.begin());
    std::copy_n(matrix.values.begin() + 24, 24, second.values.begin());
    EXPECT_NEAR(alignment(first, second), expected["alignment"].get<double>(), 1e-9);
}

TEST(Projection, WideMatricesGiveTheSameMapAsTheirTallEmbedding) {
    // Twelve rows of four dimensions, and the same with twenty dimensions of zeros behind.
    const auto tall = testing::matrix_of<float>(testing::scikit_learn()["projection"]["matrix"]);
    FloatMatrix wide(12, 24);
    for (std::size_t i = 0; i < 12; ++i) {
        std::copy_n(tall.row(i).begin(), 4, wide.row(i).begin());
    }
    const auto a = principal_components(tall, 3);
    const auto b = principal_components(wide, 3);
    for (std::size_t i = 0; i < a.coordinates.values.size(); ++i) {
        EXPECT_NEAR(a.coordinates.values[i], b.coordinates.values[i], 1e-6);
    }
    EXPECT_NEAR(effective_rank(tall), effective_rank(wide), 1e-6);
}

TEST(Projection, EffectiveRankOfKnownMatrices) {
    FloatMatrix identity(5, 5);
    for (std::size_t i = 0; i < 5; ++i) identity.at(i, i) = 3;
    EXPECT_NEAR(effective_rank(identity, false), 5, 1e-12);
    FloatMatrix collapsed(6, 4, 2.0F);
    EXPECT_NEAR(effective_rank(collapsed, false), 1, 1e-9);
    EXPECT_EQ(effective_rank(FloatMatrix(6, 4)), 0);
    // Singular values 3 and 1: entropy of (3/4, 1/4).
    FloatMatrix two(2, 2);
    two.at(0, 0) = 3;
    two.at(1, 1) = 1;
    EXPECT_NEAR(effective_rank(two, false),
                std::exp(-0.75 * std::log(0.75) - 0.25 * std::log(0.25)), 1e-12);
}

TEST(Projection, RefusesWhatHasNoDirection) {
    FloatMatrix matrix(3, 2, 1.0F);
    EXPECT_THROW(uniformity(FloatMatrix(3, 2)), InputError);
    EXPECT_THROW(alignment(matrix, FloatMatrix(2, 2, 1.0F)), InputError);
    matrix.at(2, 1) = std::nanf("");
    EXPECT_THROW(principal_components(matrix), InputError);
    EXPECT_THROW(effective_rank(FloatMatrix{}), InputError);
}

}  // namespace
}  // namespace clef
