// Recordings as CSV, as csv_reader.hpp reads them back: "# sampling_rate_hz=500", the header's
// comments as further '#' lines, a heading "I [mV],II [mV]", then one row per sample. Numbers are
// the shortest that give the same float again; a missing sample is "nan".
// Annotations have a table of their own. Both are UTF-8, written atomically. Thread-safe.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "formats/annotation.hpp"
#include "formats/recording.hpp"

namespace clef {

// Errors: InputError when there is nothing to write.
void write_csv(const std::filesystem::path& path, const Recording& recording);

// One row an annotation: annotator,sample,seconds,symbol,subtype,channel,number,text,duration_s.
struct NamedAnnotations {
    std::string annotator;  // "atr"; "" where the recording's own file holds them
    std::vector<Annotation> annotations;
};
void write_annotation_table(const std::filesystem::path& path,
                            const std::vector<NamedAnnotations>& sets);

}  // namespace clef
