// WFDB records behind the interface of all formats.
#pragma once

#include "formats/ecg_reader.hpp"

namespace clef {

// Recognises a header, and any file beside which a header of the same name lies.
EcgFormat wfdb_format();

// The header that belongs to what the user named: the header itself, the record's name without an
// ending, or one of its signal files. Empty when there is none.
std::filesystem::path find_wfdb_header(const std::filesystem::path& path);

}  // namespace clef
