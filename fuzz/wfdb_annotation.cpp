#include "files.hpp"
#include "formats/wfdb_annotations.hpp"

namespace clef::fuzz {
namespace {

// What was read can also be written and read again, whenever the format can hold it.
void run(Bytes input) {
    const WfdbAnnotationFile file = parse_wfdb_annotations(input, "record.atr");
    const auto annotations = to_annotations(file, 250);
    const WfdbAnnotationFile again = from_annotations(annotations, "record.atr");
    const std::string bytes = encode_wfdb_annotations(again, "record.atr");
    parse_wfdb_annotations(std::as_bytes(std::span(bytes)), "record.atr");
}

std::vector<Seed> seeds(const std::filesystem::path& shared) {
    std::vector<Seed> all;
    for (const char* ending : {".atr", ".qrs", ".anI", ".sqrs", ".gqrsl"}) {
        // A cut file has lost its end mark, which is a warning and no error.
        const auto some = seeds_from(shared / "data/wfdb-formats", ending, 1024);
        all.insert(all.end(), some.begin(), some.end());
    }
    return all;
}

const Registration registration{{"wfdb_annotation", run, seeds}};

}  // namespace
}  // namespace clef::fuzz
