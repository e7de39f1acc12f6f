// Writes a pickle, protocol 2 (PEP 307; opcodes as Python's pickletools lists them): only what a
// dictionary of tensors needs. Each call appends what pushes one value on the reader's stack, or
// makes one value of several; the caller keeps the order. Not thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace clef {

class PickleWriter {
  public:
    PickleWriter() : bytes_("\x80\x02") {}

    void global(std::string_view module, std::string_view name);  // a class or function by name
    void text(std::string_view utf8);
    void integer(std::int64_t value);
    void boolean(bool value) { bytes_ += value ? '\x88' : '\x89'; }
    void integers(const std::vector<std::int64_t>& values);  // a tuple of them

    void mark() { bytes_ += '('; }
    void tuple() { bytes_ += 't'; }  // of everything since the mark
    void empty_tuple() { bytes_ += ')'; }
    void call() { bytes_ += 'R'; }        // function and tuple of arguments → its result
    void persistent() { bytes_ += 'Q'; }  // tuple → what the reader knows under that identity
    void set_items() { bytes_ += 'u'; }   // keys and values since the mark go into the mapping
    std::string finish() { return bytes_ + '.'; }

  private:
    std::string bytes_;
};

}  // namespace clef
