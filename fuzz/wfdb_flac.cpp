#include "formats/wfdb_flac.hpp"

#include <array>

#include "files.hpp"

namespace clef::fuzz {
namespace {

void run(Bytes input) {
    FlacStream stream(input, "record.dat");
    std::vector<std::int32_t> block(std::size_t{100} * stream.channels());
    for (const std::uint64_t first : std::array<std::uint64_t, 4>{0, 100, 5000, 50}) {
        stream.read(first, block);
    }
}

std::vector<Seed> seeds(const std::filesystem::path& shared) {
    std::vector<Seed> all;
    for (const char* name :
         {"flacformats.d0", "flacformats.d1", "flacformats.d2", "flac_3_constant.dat"}) {
        all.push_back({name, contents_of(shared / "data/wfdb-formats" / name).substr(0, 1 << 16)});
    }
    return all;
}

const Registration registration{{"wfdb_flac", run, seeds}};

}  // namespace
}  // namespace clef::fuzz
