#include "any_format.hpp"
#include "files.hpp"

namespace clef::fuzz {
namespace {

void run(Bytes input) {
    read_as("EDF", input);
}

std::vector<Seed> seeds(const std::filesystem::path& shared) {
    return seeds_from(shared / "data/wfdb-formats", ".edf", 65536);
}

const Registration registration{{"edf", run, seeds}};

}  // namespace
}  // namespace clef::fuzz
