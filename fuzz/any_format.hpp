// Reads hostile bytes as one named file format, through the door that users use.
#pragma once

#include "target.hpp"

namespace clef::fuzz {

// Opens `input` with the format of this name (ecg_formats()) if the format recognises it, asks for
// its description, and reads its beginning and a stretch in the middle.
void read_as(const std::string& format, Bytes input);

}  // namespace clef::fuzz
