#include "encoder/stored_tensor.hpp"

#include <bit>
#include <cmath>
#include <gtest/gtest.h>

#include "formats/expect_input_error.hpp"

namespace clef {
namespace {

template <typename Number>
Tensor tensor_of(ElementType type, const std::vector<Number>& values) {
    const auto raw = std::as_bytes(std::span(values));
    return {type, {static_cast<std::int64_t>(values.size())}, {raw.begin(), raw.end()}};
}

}  // namespace

// IEEE 754 binary16: the values that Python's struct.unpack('<e') gives.
TEST(Half, WidensExactly) {
    EXPECT_EQ(float_of_half(0x3C00), 1.0F);
    EXPECT_EQ(float_of_half(0xC000), -2.0F);
    EXPECT_EQ(float_of_half(0x3555), 0.333251953125F);
    EXPECT_EQ(float_of_half(0x7BFF), 65504.0F);
    EXPECT_EQ(float_of_half(0x0001), 0x1p-24F);
    EXPECT_EQ(float_of_half(0x83FF), -0x1.ff8p-15F);
    EXPECT_EQ(float_of_half(0x0400), 0x1p-14F);
    EXPECT_TRUE(std::signbit(float_of_half(0x8000)));
    EXPECT_EQ(float_of_half(0x7C00), INFINITY);
    EXPECT_EQ(float_of_half(0xFC00), -INFINITY);
    EXPECT_TRUE(std::isnan(float_of_half(0x7E00)));
}

TEST(Half, IsMonotonousOverAllFiniteValues) {
    for (unsigned bits = 1; bits < 0x7C00; ++bits) {
        const float step = float_of_half(static_cast<std::uint16_t>(bits)) -
                           float_of_half(static_cast<std::uint16_t>(bits - 1));
        ASSERT_GT(step, 0) << bits;
        // Steps are powers of two: no bit is lost.
        ASSERT_EQ(std::bit_cast<std::uint32_t>(step) & 0x7FFFFFU, 0U) << bits;
    }
}

TEST(Bfloat16, IsTheUpperHalfOfAFloat) {
    EXPECT_EQ(float_of_bfloat16(0x3F80), 1.0F);
    EXPECT_EQ(float_of_bfloat16(0xC049), -3.140625F);
}

TEST(ToFloat32, RoundsDoublesToTheNearest) {
    const Tensor wide = tensor_of<double>(ElementType::float64, {0.1, -1e-300, 3.4028234e38});
    const Tensor narrow = to_float32(wide, "w");
    EXPECT_EQ(narrow.type, ElementType::float32);
    EXPECT_EQ(narrow.floats()[0], 0.1F);
    EXPECT_EQ(narrow.floats()[1], 0.0F);
    EXPECT_TRUE(std::isfinite(narrow.floats()[2]));
    testing::expect_input_error(
        [] { to_float32(tensor_of<double>(ElementType::float64, {1e39}), "x: tensor 'w'"); },
        {"tensor 'w'", "1e+39", "beyond float32"});
}

TEST(ReadTensor, GathersAStridedViewRowByRow) {
    const std::vector<float> values = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
    StoredTensor stored{"float32", ElementType::float32, 4, false, {2, 3}, {1, 4}, 1, {}};
    stored.storage = std::as_bytes(std::span(values));
    const Tensor tensor = read_tensor(stored, "w");
    const std::vector<float> expected = {1, 5, 9, 2, 6, 10};
    EXPECT_TRUE(std::equal(expected.begin(), expected.end(), tensor.floats().begin()));
}

TEST(ReadTensor, EmptyTensorsNeedNoStorage) {
    const StoredTensor stored{"float32", ElementType::float32, 4, false, {0, 3}, {3, 1}, 0, {}};
    EXPECT_EQ(read_tensor(stored, "w").data.size(), 0U);
    const StoredTensor scalar{"float32", ElementType::float32, 4, false, {}, {}, 0, {}};
    testing::expect_input_error([&] { read_tensor(scalar, "x: 's'"); }, {"'s'", "storage of 0"});
}

}  // namespace clef
