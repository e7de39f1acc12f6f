// Files for targets: real ones as seeds, and hostile bytes as something that has a path.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "target.hpp"

namespace clef::fuzz {

// Bytes behind a path, in memory: for readers that open files by name.
class MemoryFile {
  public:
    explicit MemoryFile(Bytes contents);
    ~MemoryFile();
    MemoryFile(const MemoryFile&) = delete;
    MemoryFile& operator=(const MemoryFile&) = delete;
    std::filesystem::path path() const;

  private:
    int descriptor_;
};

// A folder of its own for one process, in memory where the machine offers that, removed at exit.
const std::filesystem::path& scratch_folder();
void write_scratch(const std::string& name, std::string_view contents);

std::string contents_of(const std::filesystem::path& path);

// Every file below `folder` with this ending, of at most `largest` bytes (longer ones are cut to
// that, since a fuzzer learns nothing from long inputs).
std::vector<Seed> seeds_from(const std::filesystem::path& folder, const std::string& ending,
                             std::size_t largest = 4096, std::size_t count = 20);

}  // namespace clef::fuzz
