// The passes over samples against slow obvious versions, on every instruction set of this machine.
#include "formats/wfdb_kernels.hpp"

#include <cmath>
#include <gtest/gtest.h>
#include <string>

#include "base/instruction_sets.hpp"
#include "base/random.hpp"
#include "formats/wfdb_decoders.hpp"

namespace clef {
namespace {

class WfdbKernels : public ::testing::TestWithParam<const char*> {
  protected:
    void SetUp() override { use_instruction_set(GetParam()); }
    void TearDown() override { use_instruction_set(""); }
    Random random_{1, "wfdb kernels"};

    std::vector<std::byte> random_bytes(std::size_t count) {
        std::vector<std::byte> bytes(count);
        for (std::byte& byte : bytes) byte = static_cast<std::byte>(random_.below(256));
        return bytes;
    }
};

std::uint32_t at(const std::vector<std::byte>& bytes, std::size_t place) {
    return std::to_integer<std::uint32_t>(bytes[place]);
}

TEST_P(WfdbKernels, Format16IsTwosComplementLowByteFirst) {
    for (const std::size_t count : {0U, 1U, 7U, 8U, 9U, 64U, 1001U}) {
        const auto bytes = random_bytes(2 * count);
        std::vector<std::int32_t> out(count);
        wfdb_kernels::decode_16(bytes, out);
        for (std::size_t i = 0; i < count; ++i) {
            const auto word =
                static_cast<std::int32_t>(at(bytes, 2 * i) | at(bytes, 2 * i + 1) << 8);
            EXPECT_EQ(out[i], word > 32767 ? word - 65536 : word) << "sample " << i;
        }
    }
}

TEST_P(WfdbKernels, Format212TakesTheMiddleByteApart) {
    for (const std::size_t pairs : {0U, 1U, 3U, 4U, 5U, 6U, 7U, 50U, 333U}) {
        const auto bytes = random_bytes(3 * pairs);
        std::vector<std::int32_t> out(2 * pairs);
        wfdb_kernels::decode_212(bytes, out);
        const auto extended = [](std::uint32_t bits) {
            return static_cast<std::int32_t>(bits) - (bits > 2047 ? 4096 : 0);
        };
        for (std::size_t i = 0; i < pairs; ++i) {
            const std::uint32_t middle = at(bytes, 3 * i + 1);
            EXPECT_EQ(out[2 * i], extended(at(bytes, 3 * i) + 256 * (middle % 16))) << i;
            EXPECT_EQ(out[2 * i + 1], extended(at(bytes, 3 * i + 2) + 256 * (middle / 16))) << i;
        }
    }
}

TEST_P(WfdbKernels, GatherTakesOneSignalSumsItAndMarksWhatIsMissing) {
    for (const std::size_t stride : {1U, 2U, 3U, 12U}) {
        for (const std::size_t count : {1U, 2U, 8U, 9U, 100U, 777U}) {
            // Exactly as many as the last sample needs: reading one more would be out of bounds.
            std::vector<std::int32_t> stored((count - 1) * stride + 1);
            for (auto& sample : stored) sample = static_cast<std::int32_t>(random_.below(7)) - 3;
            std::vector<std::int32_t> out(count);
            const std::uint32_t sum = wfdb_kernels::gather(stored.data(), stride, -3, out);
            std::uint32_t expected = 0;
            for (std::size_t i = 0; i < count; ++i) {
                const std::int32_t sample = stored[i * stride];
                expected += static_cast<std::uint32_t>(sample);
                EXPECT_EQ(out[i], sample == -3 ? wfdb_missing : sample);
            }
            EXPECT_EQ(sum, expected);
        }
    }
}

TEST_P(WfdbKernels, ConversionRoundsOnceAndMissingIsNaN) {
    std::vector<std::int32_t> digital(1003);
    for (auto& sample : digital) sample = static_cast<std::int32_t>(random_.below(65536)) - 32768;
    digital[5] = digital[1002] = wfdb_missing;
    std::vector<float> out(digital.size());
    wfdb_kernels::convert(digital, 1024, 200.0F, out.data());
    for (std::size_t i = 0; i < digital.size(); ++i) {
        if (digital[i] == wfdb_missing) {
            EXPECT_TRUE(std::isnan(out[i]));
        } else {
            EXPECT_EQ(out[i], static_cast<float>((digital[i] - 1024) / 200.0)) << digital[i];
        }
    }
}

INSTANTIATE_TEST_SUITE_P(EveryInstructionSet, WfdbKernels, ::testing::ValuesIn(instruction_sets()),
                         [](const auto& instance) { return std::string(instance.param); });

}  // namespace
}  // namespace clef
