// Which files below a folder may be recordings.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace clef {

struct FolderFiles {
    // WFDB headers (*.hea), and every file that belongs to none; sorted.
    std::vector<std::filesystem::path> candidates;
    std::size_t segments = 0;            // headers that are parts of a multi-segment record
    std::size_t unreadable_folders = 0;  // no permission
};

// Everything below `root`, but for hidden files and folders (".name") and lists called RECORDS.
// Symbolic links to folders are followed, each folder once, so that loops end. A file belongs to a
// header that names it, or that has its name up to the extension (annotations, for instance) and is
// no recording by itself (EDF). Errors: InputError unless root is a folder.
FolderFiles scan_folder(const std::filesystem::path& root);

// Whether a file is a recording by what it holds, or by its name a WFDB header. Errors: InputError
// when it cannot be opened.
bool may_be_recording(const std::filesystem::path& path);

// WFDB records go by their name without ".hea", unless that is the name of something else.
std::string record_name(const std::filesystem::path& path);

}  // namespace clef
