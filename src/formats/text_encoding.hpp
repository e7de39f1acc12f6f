// Text in files that do not say how it is encoded: UTF-8, or else Latin-1 (ISO 8859-1) as older
// recorders write it. Thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace clef {

bool is_utf8(std::string_view text);

// The text as it is where it is UTF-8; taken for Latin-1 otherwise. Control characters become
// blanks.
std::string to_utf8(std::string_view text);

}  // namespace clef
