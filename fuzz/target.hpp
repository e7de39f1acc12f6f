// Fuzz targets: one file each, which says how hostile bytes reach a reader and which real files
// the search starts from. The same targets run under libFuzzer with AddressSanitizer and
// UndefinedBehaviorSanitizer (`make fuzz`, driver.cpp) and, over the seeds and every input that
// once failed, in the ordinary tests (replay.cpp).
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace clef::fuzz {

using Bytes = std::span<const std::byte>;

struct Seed {
    std::string name;
    std::string bytes;
};

struct Target {
    std::string name;
    // Returns or throws InputError; anything else is a finding.
    std::function<void(Bytes input)> run;
    // From the real files under `shared` and, where that is empty, from what we make ourselves.
    std::function<std::vector<Seed>(const std::filesystem::path& shared)> seeds;
};

std::vector<Target>& targets();

// At namespace scope of a target's file: `const Registration registration{{"npy", run, seeds}};`
struct Registration {
    explicit Registration(Target target);
};

// Runs the input: true when it was accepted, false when it was refused with an InputError.
bool accepted(const Target& target, Bytes input);

std::string_view text_of(Bytes input);

}  // namespace clef::fuzz
