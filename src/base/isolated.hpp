// Runs work that may crash, hang or eat memory in a child process: for C libraries that read
// hostile files. What goes wrong there is an InputError here, and nothing else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace clef {

struct IsolationLimits {
    std::uint64_t memory_bytes = std::uint64_t{4} << 30;  // beyond what the process has already
    unsigned seconds = 60;                                // of processor time, and of waiting
};

// The child's end: what it writes arrives at the parent in order.
class IsolatedOutput {
  public:
    explicit IsolatedOutput(int descriptor) : descriptor_(descriptor) {}
    void write(const void* data, std::size_t bytes);
    void write(std::string_view text) { write(text.data(), text.size()); }

  private:
    int descriptor_;
};

// Calls `work` in a forked child, and `take` here with what it writes, piece by piece. `work` sees
// the process as it is at the call, changes nothing in it, and may not use threads; it reports what
// is wrong with its input by throwing InputError, which is thrown here again. A child that dies or
// exceeds a limit becomes an InputError: `what` (the file), and how the reader failed. Standard
// error of the child is discarded: the libraries write there as they like. Thread-safe.
void run_isolated(const std::string& what, const IsolationLimits& limits,
                  const std::function<void(IsolatedOutput&)>& work,
                  const std::function<void(std::span<const std::byte>)>& take);

}  // namespace clef
