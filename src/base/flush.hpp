// For files that are put in place by hand rather than by AtomicFile (file.hpp).
#pragma once

#include <filesystem>

namespace clef {

// Flushes the folder that a file lies in, so that its new name outlives a power cut. Errors:
// RunError.
void flush_folder(const std::filesystem::path& file);

}  // namespace clef
