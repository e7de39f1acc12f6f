#include "formats/wfdb_header.hpp"

#include "files.hpp"
#include "target.hpp"

namespace clef::fuzz {
namespace {

void run(Bytes input) {
    parse_wfdb_header(text_of(input), "record.hea");
}

std::vector<Seed> seeds(const std::filesystem::path& shared) {
    return seeds_from(shared / "data/wfdb-formats", ".hea", 4096, 60);
}

const Registration registration{{"wfdb_header", run, seeds}};

}  // namespace
}  // namespace clef::fuzz
