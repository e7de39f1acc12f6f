// The two ways a command can end badly. Everything that a user can cause is an InputError: it says
// what was found, where (file, byte, line, column), what was expected and what to do, and the
// program exits with 2. Everything else that stops a run (disk full, a non-finite loss) is a
// RunError: exit 1. A broken invariant of our own is an assert, never one of these.
//
// Both are plain exceptions, safe to throw from any thread that base/threads.hpp runs.
#pragma once

#include <fmt/format.h>
#include <stdexcept>
#include <string>
#include <utility>

namespace clef {

class InputError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

class RunError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

// throw InputError with a formatted message: fail_input("{}: line {}: expected a number", path, 3)
template <typename... Args>
[[noreturn]] void fail_input(fmt::format_string<Args...> format, Args&&... args) {
    throw InputError(fmt::format(format, std::forward<Args>(args)...));
}

template <typename... Args>
[[noreturn]] void fail_run(fmt::format_string<Args...> format, Args&&... args) {
    throw RunError(fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace clef
