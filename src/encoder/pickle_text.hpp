// The quoted and escaped texts of pickle protocol 0. For pickle.cpp only.
#pragma once

#include <string>
#include <string_view>

namespace clef {

// UNICODE: Latin-1 with \uXXXX and \UXXXXXXXX. The result is UTF-8.
std::string raw_unicode(std::string_view line);

// STRING: without the quotation marks around it; escapes within are left as they are.
std::string_view unquoted(std::string_view line);

}  // namespace clef
