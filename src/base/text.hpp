// Small, strict, locale-independent text helpers.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace clef {

std::string_view trim(std::string_view text);
std::string lower(std::string_view text);

// split("a,b,,c", ',') → {"a", "b", "", "c"}; split("", ',') → {""}
std::vector<std::string_view> split(std::string_view text, char separator);

// Fields separated by any run of blanks or tabs.
std::vector<std::string_view> split_blanks(std::string_view text);

std::string join(const std::vector<std::string>& parts, std::string_view separator);

// The whole text must be one finite number (blanks around it allowed); otherwise nothing.
std::optional<double> parse_double(std::string_view text);
std::optional<long long> parse_integer(std::string_view text);

// The candidate nearest to `word` by edit distance, if near enough to be a likely slip of the
// keyboard: for "did you mean …?".
std::optional<std::string> nearest(std::string_view word,
                                   const std::vector<std::string>& candidates);

// " Did you mean 'x'?" or, where nothing is near, " Known: a, b, c."
std::string suggestion(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace clef
