// The comments of a WFDB header, read without parsing the rest of it: published data sets have
// headers whose signal lines are broken and whose comments are sound.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace clef {

// What stands behind each '#', blanks at the ends removed; empty when the file is not there.
// Errors: InputError for a file over 1 MiB.
std::vector<std::string> header_comments(const std::filesystem::path& header);

// The diagnoses of a comment "Dx: 164889003,59118001" or "Dx: AF,RBBB", as PhysioNet's challenges
// of 2020 and 2021 write them; "Unknown" is none.
std::vector<std::string> diagnoses(std::span<const std::string> comments);

}  // namespace clef
