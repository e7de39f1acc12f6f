// Writes EDF+ files (continuous, 16 bit) with their annotations, through EDFlib.
// Source: Kemp & Olivan, "European data format 'plus' (EDF+)", Clin Neurophysiol 2003;114:1755.
//
// EDF holds whole data records, eight characters for each number of its header, no missing samples,
// and, as EDFlib writes them, 40 bytes of text per annotation: what that costs is returned, so that
// it can be said.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "formats/annotation.hpp"
#include "formats/digital_recording.hpp"

namespace clef {

// What the file does not hold of what was given.
struct EdfLosses {
    std::size_t samples_added = 0;  // behind the end, to fill the last data record: the last value
    double sampling_rate = 0;       // as written
    double largest_difference = 0;  // of a physical value, in its unit, from rounding the header
    std::size_t texts_cut = 0;
    std::size_t annotations_left_out = 0;  // before the start
    bool start_date_left_out = false;      // outside of 1985 to 2084, or not known
    std::size_t labels_cut = 0;            // to 16 characters, or to ASCII
};

// The text that stands for an annotation where there is nothing but text: a note's own, else the
// symbol, then the text behind a blank ("+ (AFIB"). Subtype, channel and number have no place.
std::string edf_annotation_text(const Annotation& annotation);

// Digital values stay what they are; physical limits are chosen so that they are exact in eight
// characters where the gain allows it. The file appears atomically. Thread-safe: one file is
// written at a time, since EDFlib keeps global state.
// Errors: InputError for a missing sample (names lead and sample), one beyond 16 bits, more than
// 640 leads, or a rate that EDF's data records cannot express; RunError when writing fails.
EdfLosses write_edf(const std::filesystem::path& path, const DigitalRecording& recording,
                    const std::vector<Annotation>& annotations);

}  // namespace clef
