#include "formats/npy.hpp"

#include "any_format.hpp"
#include "files.hpp"

namespace clef::fuzz {
namespace {

void run(Bytes input) {
    read_as("NPY", input, 2);
    read_npy(MemoryFile(input).path());
}

std::vector<Seed> seeds(const std::filesystem::path& shared) {
    std::vector<Seed> all = seeds_from(shared / "goldens/preprocess", ".npy", 1 << 16, 4);
    const auto add = [&all](const std::string& name, const std::vector<std::size_t>& shape,
                            std::size_t bytes) {
        all.push_back({name, npy_header(shape) + std::string(bytes, '\1')});
    };
    add("vector", {100}, 400);
    add("matrix", {2, 50}, 400);
    add("empty", {0, 50}, 0);
    return all;
}

const Registration registration{{"npy", run, seeds}};

}  // namespace
}  // namespace clef::fuzz
