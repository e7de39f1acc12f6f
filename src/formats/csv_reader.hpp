// Text files of numbers as recordings: CSV, TSV and semicolon-separated tables with and without
// headings, one value per line, exports of the Apple Watch and of Polar's chest straps. The file is
// walked where it is mapped: memory holds what is asked for, and a place in the file for every
// 4096th row.
#pragma once

#include "formats/ecg_reader.hpp"

namespace clef {

// Recognises text in whose first 64 KiB stands a line of numbers alone.
EcgFormat csv_format();

}  // namespace clef
