// Which files below a folder may be recordings.
#pragma once

#include <cstddef>
#include <filesystem>
#include <vector>

namespace clef {

struct FolderFiles {
    // WFDB headers (*.hea), and every file that belongs to none; sorted.
    std::vector<std::filesystem::path> candidates;
    std::size_t segments = 0;            // headers that are parts of a multi-segment record
    std::size_t unreadable_folders = 0;  // no permission
};

// Everything below `root`, but for hidden files and folders (".name"). Symbolic links to folders
// are followed, each folder once, so that loops end. A file belongs to a header that names it, or
// that has its name up to the extension (annotations, for instance).
// Errors: InputError unless root is a folder.
FolderFiles scan_folder(const std::filesystem::path& root);

}  // namespace clef
