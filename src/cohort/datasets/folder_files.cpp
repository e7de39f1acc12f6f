#include "cohort/datasets/folder_files.hpp"

#include <algorithm>
#include <deque>
#include <set>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "formats/ecg_reader.hpp"

namespace clef {

namespace {

namespace fs = std::filesystem;

bool is_hidden(const fs::path& path) {
    return path.filename().string().starts_with('.');
}

// PhysioNet's list of a folder's records: a column of numbers in many of them, but no recording.
bool is_list_of_records(const fs::path& path) {
    return path.filename() == "RECORDS";
}

bool is_header(const fs::path& path) {
    return path.extension() == ".hea";
}

class Scan {
  public:
    explicit Scan(const fs::path& root) { visit_below(root); }

    std::set<fs::path> files;
    std::size_t unreadable_folders = 0;

  private:
    // Folders first, links to folders after them, so that a folder that is reached both ways has
    // its own path.
    void visit_below(const fs::path& root) {
        std::deque<fs::path> folders = {root};
        std::deque<fs::path> links;
        while (!folders.empty() || !links.empty()) {
            std::deque<fs::path>& next = folders.empty() ? links : folders;
            const fs::path folder = next.front();
            next.pop_front();
            std::error_code error;
            const fs::path real = fs::canonical(folder, error);
            if (error || !seen_.insert(real).second) continue;
            list(folder, folders, links);
        }
    }

    void list(const fs::path& folder, std::deque<fs::path>& folders, std::deque<fs::path>& links) {
        std::error_code error;
        std::vector<fs::path> found_folders;
        std::vector<fs::path> found_links;
        fs::directory_iterator entry(folder, error);
        if (error) ++unreadable_folders;
        for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
            const fs::path& path = entry->path();
            std::error_code ignored;
            if (is_hidden(path)) continue;
            if (entry->is_directory(ignored)) {
                (entry->is_symlink(ignored) ? found_links : found_folders).push_back(path);
            } else if (entry->is_regular_file(ignored) && !is_list_of_records(path)) {
                files.insert(path);
            }
        }
        std::sort(found_folders.begin(), found_folders.end());
        std::sort(found_links.begin(), found_links.end());
        folders.insert(folders.end(), found_folders.begin(), found_folders.end());
        links.insert(links.end(), found_links.begin(), found_links.end());
    }

    std::set<fs::path> seen_;
};

struct Owned {
    std::set<fs::path> files;
    std::set<fs::path> segments;  // headers
};

// Only the names in a header, so that one that is otherwise broken still owns its files: the first
// line names the record, "record/7" when it has segments; each further line begins with a name.
void collect_owned(const fs::path& header, Owned& owned) {
    constexpr std::uintmax_t longest = 1 << 24;
    std::error_code error;
    const std::uintmax_t size = fs::file_size(header, error);
    if (error || size > longest) return;
    std::string text;
    try {
        text = read_text_file(header);
    } catch (const InputError&) {
        return;  // opening it will say why
    }
    bool first = true;
    bool has_segments = false;
    for (const std::string_view line : split(text, '\n')) {
        const auto fields = split_blanks(trim(line));
        if (fields.empty() || fields[0].starts_with('#')) continue;
        if (first) {
            has_segments = fields[0].find('/') != std::string_view::npos;
            first = false;
            continue;
        }
        const fs::path name = (header.parent_path() / fs::path(fields[0])).lexically_normal();
        if (has_segments) {
            owned.segments.insert(fs::path(name.string() + ".hea"));
        } else {
            owned.files.insert(name);
        }
    }
}

// A file of a header's name may be its annotations or a list of its beats; it is another recording
// only where it leaves no doubt (EDF).
bool is_recording_of_its_own(const fs::path& file) {
    const EcgFormat* format = find_format(file);
    return format != nullptr && format->describes_itself &&
           std::string_view(format->name) != "WFDB";
}

}  // namespace

FolderFiles scan_folder(const fs::path& root) {
    if (!fs::is_directory(root)) fail_input("{}: no such folder", root.string());
    const Scan scan(root);
    Owned owned;
    std::set<fs::path> stems;
    for (const fs::path& file : scan.files) {
        if (!is_header(file)) continue;
        collect_owned(file, owned);
        stems.insert(fs::path(file).replace_extension());
    }
    FolderFiles result;
    result.unreadable_folders = scan.unreadable_folders;
    for (const fs::path& file : scan.files) {
        const fs::path normal = file.lexically_normal();
        if (is_header(file)) {
            if (owned.segments.contains(normal)) {
                ++result.segments;
            } else {
                result.candidates.push_back(file);
            }
        } else if (!owned.files.contains(normal) &&
                   (!stems.contains(fs::path(file).replace_extension()) ||
                    is_recording_of_its_own(file))) {
            result.candidates.push_back(file);
        }
    }
    return result;
}

bool may_be_recording(const fs::path& path) {
    if (is_header(path)) return true;
    constexpr std::size_t bytes_to_recognise_by = 65536;
    const MappedFile file(path);
    const auto bytes = file.bytes();
    const FormatCandidate candidate{path,
                                    bytes.first(std::min(bytes.size(), bytes_to_recognise_by))};
    const auto formats = ecg_formats();
    return std::any_of(formats.begin(), formats.end(),
                       [&](const EcgFormat& format) { return format.recognises(candidate); });
}

std::string record_name(const fs::path& path) {
    if (!is_header(path)) return path.string();
    fs::path record = path;
    record.replace_extension();
    std::error_code ignored;
    return fs::exists(record, ignored) ? path.string() : record.string();
}

}  // namespace clef
