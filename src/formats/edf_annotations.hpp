// Time-stamped annotation lists (TALs) of EDF+ and BDF+: text that lies in the place of samples in
// signals called "EDF Annotations". The first TAL of each record says when the record begins.
// Source: Kemp & Olivan 2003 (see edf_header.hpp), section 2.2 of the EDF+ specification:
//   onset [0x15 duration] 0x14 text 0x14 text … 0x14 0x00, onset and duration in seconds.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "formats/annotation.hpp"
#include "formats/edf_header.hpp"

namespace clef {

// When each record begins, in seconds from the start in the header: from the TALs of EDF+D. Errors:
// InputError naming the record that does not say, or that begins before the one before it ends.
std::vector<double> edf_record_starts(const EdfHeader& header, std::span<const std::byte> file);

// All annotations with a text, in the file's order, as notes; samples at `rate`, counted from the
// first record. Errors: InputError naming record and byte of a list that is none.
std::vector<Annotation> edf_annotations(const EdfHeader& header, std::span<const std::byte> file,
                                        double rate);

}  // namespace clef
