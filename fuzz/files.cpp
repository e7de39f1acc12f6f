#include "files.hpp"

#include <algorithm>
#include <cstdlib>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <sys/mman.h>
#include <unistd.h>

namespace clef::fuzz {

namespace fs = std::filesystem;

MemoryFile::MemoryFile(Bytes contents) : descriptor_(memfd_create("input", MFD_CLOEXEC)) {
    if (descriptor_ < 0) std::abort();
    const char* begin = reinterpret_cast<const char*>(contents.data());
    for (std::size_t done = 0; done < contents.size();) {
        const ssize_t written = write(descriptor_, begin + done, contents.size() - done);
        if (written <= 0) std::abort();
        done += static_cast<std::size_t>(written);
    }
}

MemoryFile::~MemoryFile() {
    close(descriptor_);
}

fs::path MemoryFile::path() const {
    return fmt::format("/proc/self/fd/{}", descriptor_);
}

const fs::path& scratch_folder() {
    struct Folder {
        fs::path path;
        Folder() {
            const fs::path memory = "/dev/shm";
            path = (fs::is_directory(memory) ? memory : fs::temp_directory_path()) /
                   fmt::format("clef-fuzz-{}", getpid());
            fs::create_directories(path);
        }
        ~Folder() { fs::remove_all(path); }
    };
    static const Folder folder;
    return folder.path;
}

void write_scratch(const std::string& name, std::string_view contents) {
    std::ofstream file(scratch_folder() / name, std::ios::binary | std::ios::trunc);
    file.write(contents.data(), static_cast<std::streamsize>(contents.size()));
}

std::string contents_of(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<Seed> seeds_from(const fs::path& folder, const std::string& ending, std::size_t largest,
                             std::size_t count) {
    std::vector<fs::path> paths;
    if (!fs::is_directory(folder)) return {};
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        if (entry.is_regular_file() && entry.path().extension() == ending) {
            paths.push_back(entry.path());
        }
    }
    std::sort(paths.begin(), paths.end());
    if (paths.size() > count) paths.resize(count);
    std::vector<Seed> seeds;
    for (const fs::path& path : paths) {
        seeds.push_back({path.filename().string(), contents_of(path).substr(0, largest)});
    }
    return seeds;
}

}  // namespace clef::fuzz
