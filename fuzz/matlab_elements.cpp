// Our own part of reading MATLAB files: what runs before matio is asked, in the same process.
#include "formats/matlab_elements.hpp"

#include "files.hpp"
#include "formats/matlab_file.hpp"

namespace clef::fuzz {
namespace {

void run(Bytes input) {
    is_matlab(input);
    check_matlab_elements(input, "record.mat");
}

std::vector<Seed> seeds(const std::filesystem::path&) {
    return seeds_from(std::filesystem::path(CLEF_TEST_DATA) / "formats", ".mat", 1 << 16);
}

const Registration registration{{"matlab_elements", run, seeds}};

}  // namespace
}  // namespace clef::fuzz
