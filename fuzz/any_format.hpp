// Reads hostile bytes as one named file format, through the door that users use.
#pragma once

#include "target.hpp"

namespace clef::fuzz {

// Opens `input` with the format of this name (ecg_formats()) if the format recognises it, asks for
// its description, and reads its beginning and a stretch in the middle. Files that do not name
// their leads are tried with up to `most_leads` names.
void read_as(const std::string& format, Bytes input, std::size_t most_leads = 0);

}  // namespace clef::fuzz
