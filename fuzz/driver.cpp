// libFuzzer's entry for the one target that is linked in. With CLEF_WRITE_SEEDS set to a folder,
// writes the target's seeds there and leaves.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "base/progress.hpp"
#include "target.hpp"

namespace {

void write_seeds(const clef::fuzz::Target& target, const std::filesystem::path& folder) {
    const char* shared = std::getenv("CLEF_SHARED");
    std::filesystem::create_directories(folder);
    for (const auto& seed : target.seeds(shared == nullptr ? "" : shared)) {
        std::ofstream(folder / seed.name, std::ios::binary) << seed.bytes;
    }
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
    clef::set_quiet(true);
    if (const char* folder = std::getenv("CLEF_WRITE_SEEDS")) {
        write_seeds(clef::fuzz::targets().front(), folder);
        std::exit(0);
    }
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto input = std::as_bytes(std::span(data, size));
    clef::fuzz::accepted(clef::fuzz::targets().front(), input);
    return 0;
}
