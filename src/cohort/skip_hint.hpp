// What the commands that can go on without a recording say of one that cannot be used.
#pragma once

#include <string_view>

#include "base/error.hpp"

namespace clef {

// InputError: the recording's trouble, as a sentence, and the option that leaves it out.
[[noreturn]] inline void fail_unless_skipped(std::string_view trouble) {
    const bool ended = trouble.ends_with('.') || trouble.ends_with('?');
    fail_input("{}{} --skip-bad goes on without such recordings and lists them", trouble,
               ended ? "" : ".");
}

}  // namespace clef
