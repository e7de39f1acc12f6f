// Runs every target over its seeds and over the inputs kept in tests/data/fuzz/TARGET: those that
// once failed, and hand-made ones.
#include <gtest/gtest.h>

#include "base/progress.hpp"
#include "files.hpp"
#include "shared.hpp"
#include "target.hpp"

namespace clef::fuzz {

// What GoogleTest prints for a parameter.
void PrintTo(const Target& target, std::ostream* out) {
    *out << target.name;
}

namespace {

using testing::shared_folder;

class Replay : public ::testing::TestWithParam<Target> {};

TEST_P(Replay, KeptInputsAreReadOrRefused) {
    const auto folder = std::filesystem::path(CLEF_TEST_DATA) / "fuzz" / GetParam().name;
    set_quiet(true);
    std::size_t count = 0;
    if (std::filesystem::is_directory(folder)) {
        for (const auto& entry : std::filesystem::directory_iterator(folder)) {
            const std::string contents = contents_of(entry.path());
            accepted(GetParam(), std::as_bytes(std::span(contents)));
            ++count;
        }
    }
    RecordProperty("inputs", std::to_string(count));
}

// A target that accepts none of the real files it starts from would test nothing.
TEST_P(Replay, RealFilesAreAccepted) {
    CLEF_REQUIRE_SHARED("data");
    set_quiet(true);
    const std::vector<Seed> seeds = GetParam().seeds(shared_folder());
    ASSERT_FALSE(seeds.empty());
    std::size_t count = 0;
    for (const Seed& seed : seeds) {
        count += accepted(GetParam(), std::as_bytes(std::span(seed.bytes))) ? 1 : 0;
    }
    EXPECT_GT(count, 0u) << "none of " << seeds.size() << " seeds was accepted";
}

// Every seed cut at each of many places: the commonest damage of all.
TEST_P(Replay, CutFilesAreReadOrRefused) {
    CLEF_REQUIRE_SHARED("data");
    set_quiet(true);
    for (const Seed& seed : GetParam().seeds(shared_folder())) {
        const auto bytes = std::as_bytes(std::span(seed.bytes));
        for (std::size_t part = 0; part < 16; ++part) {
            accepted(GetParam(), bytes.first(bytes.size() * part / 16));
        }
    }
}

INSTANTIATE_TEST_SUITE_P(, Replay, ::testing::ValuesIn(targets()),
                         [](const auto& parameter) { return parameter.param.name; });

}  // namespace
}  // namespace clef::fuzz
