#include "base/normals.hpp"

#include <cmath>
#include <gtest/gtest.h>
#include <vector>

#include "base/instruction_sets.hpp"

namespace clef {
namespace {

TEST(Normals, AreThoseOfSingleCallsOnEveryInstructionSet) {
    for (const char* set : instruction_sets()) {
        use_instruction_set(set);
        for (const std::size_t count : {0, 1, 2, 127, 128, 129, 5000}) {
            Random at_once(3, "normals", 1, count);
            Random one_by_one(3, "normals", 1, count);
            std::vector<double> values(count);
            fill_normals(at_once, values);
            for (std::size_t i = 0; i < count; ++i) {
                const double expected = one_by_one.normal();
                EXPECT_NEAR(values[i], expected, 1e-12 * std::max(1.0, std::abs(expected)))
                    << set << " " << count << " " << i;
            }
            // Both go on at the same place.
            EXPECT_EQ(at_once.bits(), one_by_one.bits()) << set << " " << count;
        }
    }
    use_instruction_set("");
}

}  // namespace
}  // namespace clef
