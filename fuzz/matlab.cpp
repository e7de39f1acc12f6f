// MATLAB files of levels 4, 5 and 7.3.
#include "any_format.hpp"
#include "files.hpp"

namespace clef::fuzz {
namespace {

void run(Bytes input) {
    read_as("MATLAB", input, 2);
}

// Level 4: type 30 (int16), rows, columns, imaginary, name length, name, data.
std::string level_4(std::int32_t rows, std::int32_t columns) {
    std::string text;
    for (const std::int32_t word : {30, rows, columns, 0, 4}) {
        text.append(reinterpret_cast<const char*>(&word), sizeof word);
    }
    return text + std::string("val\0", 4) +
           std::string(static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns) * 2,
                       '\3');
}

std::vector<Seed> seeds(const std::filesystem::path& shared) {
    std::vector<Seed> all = seeds_from(shared / "data/noise", ".mat", 1 << 20, 1);
    const auto ours =
        seeds_from(std::filesystem::path(CLEF_TEST_DATA) / "formats", ".mat", 1 << 16);
    all.insert(all.end(), ours.begin(), ours.end());
    all.push_back({"level-4", level_4(2, 50)});
    return all;
}

const Registration registration{{"matlab", run, seeds}};

}  // namespace
}  // namespace clef::fuzz
