// Parts of a file that carry a CRC-32, such as the entries of a zip archive: each is checked the
// first time that something in it is wanted, so that what is never read costs nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/file.hpp"

namespace clef {

struct CheckedPart {
    std::string name;
    std::span<const std::byte> bytes;  // a view of the file
    std::uint32_t checksum = 0;        // CRC-32 (ISO 3309, as zip has it); 0: none was recorded
    bool head = false;                 // describes the others and is read before them
};

// Not thread-safe. The file must outlive it.
class PartChecker {
  public:
    PartChecker(const MappedFile& file, const std::vector<CheckedPart>& parts, std::string source);

    // InputError naming the part whose bytes are not those that were written.
    void check_heads();
    void check_around(std::span<const std::byte> bytes);  // the part in which they lie, if any

  private:
    struct State {
        CheckedPart part;
        bool checked;
    };
    void check(State& state);

    const MappedFile& file_;
    std::string source_;
    std::map<const std::byte*, State> parts_;  // by where they begin
};

}  // namespace clef
