#include "cohort/datasets/header_comments.hpp"

#include <string_view>

#include "base/text.hpp"

namespace clef {

namespace {

std::optional<double> age_of(std::string_view word) {
    const auto years = parse_double(word);
    return years && *years >= 0 && *years <= 130 ? years : std::nullopt;
}

std::optional<Sex> sex_of(std::string_view word) {
    const std::string text = lower(word);
    if (text == "m" || text == "male") return Sex::male;
    if (text == "f" || text == "female") return Sex::female;
    return std::nullopt;
}

// "age" of "<Age>:", "" of a word that is no key.
std::string key_of(std::string_view word) {
    if (!word.ends_with(':')) return "";
    word.remove_suffix(1);
    if (word.starts_with('<') && word.ends_with('>')) word = word.substr(1, word.size() - 2);
    return lower(word);
}

}  // namespace

AgeAndSex age_and_sex(std::span<const std::string> comments) {
    AgeAndSex found;
    for (const std::string& comment : comments) {
        const auto words = split_blanks(comment);
        for (std::size_t i = 0; i + 1 < words.size(); ++i) {
            const std::string key = key_of(words[i]);
            if (key == "age" && !found.age) found.age = age_of(words[i + 1]);
            if ((key == "sex" || key == "gender") && !found.sex) found.sex = sex_of(words[i + 1]);
        }
    }
    if (found.age || found.sex || comments.empty()) return found;
    const auto words = split_blanks(comments.front());
    if (words.size() < 2 || words[1].size() != 1 || !parse_integer(words[0])) return found;
    found.sex = sex_of(words[1]);
    if (found.sex) found.age = age_of(words[0]);
    return found;
}

}  // namespace clef
