// The samples of a WFDB record: several signals interleaved in a file, several files in a record.
// Signal formats: see wfdb_decoders.hpp. Files are mapped, and only what is asked for is decoded.
//
// Not read, and refused by name: multi-segment records, several samples per frame, skew.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "formats/recording.hpp"
#include "formats/wfdb_header.hpp"

namespace clef {

// Samples per signal: the header's number, or, where it has none, what the files hold.
// Errors: InputError naming the file (missing, unknown format, multi-segment).
std::uint64_t wfdb_length(const WfdbHeader& header);

// The digital samples [from, to) of the signals at these positions of the header.
// Errors: InputError when a file is missing or shorter than the header says (bytes found and
// expected), when a range or format cannot be read, or when a file name leaves the record's folder.
// A read of all samples verifies the header's checksums: a mismatch is a warning that names the
// signals, not an error, since the samples may be good and the header stale. Thread-safe.
std::vector<std::vector<std::int32_t>> read_wfdb_digital(const WfdbHeader& header,
                                                         std::span<const std::size_t> signals,
                                                         std::uint64_t from, std::uint64_t to);

// The same as leads: (digital − baseline) / gain, in millivolts where the unit is one of voltage;
// the format's invalid-sample code becomes NaN.
Recording read_wfdb(const WfdbHeader& header, std::span<const std::size_t> signals,
                    std::uint64_t from, std::uint64_t to);

}  // namespace clef
