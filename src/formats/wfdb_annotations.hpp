// WFDB annotation files (RECORD.atr, RECORD.qrs, …), "MIT format": a stream of 16-bit words,
// little-endian. The high six bits of a word are a code, the low ten a number of ticks since the
// annotation before. Codes 59 to 63 are not annotations but add to one: SKIP (a 32-bit interval
// follows, high half first), NUM, SUB, CHN and AUX (text follows, padded to a whole word). NUM and
// CHN hold until the next of their kind. A word of zero ends the file.
//
// Notes at time 0 before the first annotation are the file's head: "## time resolution: 500" (ticks
// per second; else the record's frames per second) and lines between "## annotation type
// definitions" and "## end of definitions", each "code mnemonic description".
//
// Source: WFDB Applications Guide, annot(5); WFDB Programmer's Guide, "Annotation codes".
// All functions are thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "formats/annotation.hpp"
#include "formats/wfdb_annotation_codes.hpp"

namespace clef {

// One annotation as the file holds it.
struct WfdbAnnotation {
    std::int64_t tick = 0;
    int code = 0;
    int subtype = 0;  // −128 … 127
    int channel = 0;  // 0 … 255
    int number = 0;   // −128 … 127
    std::string text;

    bool operator==(const WfdbAnnotation&) const = default;
};

struct WfdbAnnotationFile {
    std::vector<WfdbAnnotation> head;  // everything before the first annotation proper
    std::vector<WfdbAnnotation> annotations;
    // What the head says.
    double ticks_per_second = 0;  // 0: not said; the record's own rate
    WfdbAnnotationTypes types;
};

// `source` is for messages. Memory is bounded: files over 16 MiB are refused.
// Errors: InputError naming the byte: cut off within an annotation, an annotation without a type,
// AHA format. A missing end mark is a warning.
WfdbAnnotationFile parse_wfdb_annotations(std::span<const std::byte> bytes,
                                          const std::string& source);
WfdbAnnotationFile read_wfdb_annotation_file(const std::filesystem::path& path);

// The bytes that the WFDB library would write for the same annotations, in their order. `head` goes
// first, as it is. Errors: InputError for a value that the format cannot hold.
std::string encode_wfdb_annotations(const WfdbAnnotationFile& file, const std::string& source);

// From ticks to samples of a record at this rate, and back. `rate` is also what an absent time
// resolution means.
std::vector<Annotation> to_annotations(const WfdbAnnotationFile& file, double rate);

// Half a sample rounds up, also below zero; held within ±4e18.
std::int64_t round_to_sample(double value);

// Ticks are samples. Symbols outside of WFDB's table are defined in the head under codes
// from 42 on. Text over 255 bytes is cut, and a warning says how many.
// Errors: InputError when there are more than eight such symbols, or one holds a blank.
WfdbAnnotationFile from_annotations(const std::vector<Annotation>& annotations,
                                    const std::string& source);

// RECORD.EXTENSION of a record (with or without ".hea"), at the rate of its header. Without a
// header beside it the rate must come from the file itself. Errors: InputError; an absent file
// lists the annotation files that the record has.
std::vector<Annotation> read_annotations(const std::filesystem::path& record,
                                         const std::string& extension);

// The path of a record's annotation file, and the extensions of those that lie beside its header.
std::filesystem::path annotation_path(const std::filesystem::path& record,
                                      const std::string& extension);
std::vector<std::string> annotation_extensions(const std::filesystem::path& record);

}  // namespace clef
