#include "cohort/datasets/scp_codes.hpp"

#include "base/csv.hpp"
#include "base/error.hpp"
#include "base/text.hpp"

namespace clef {

namespace {

class DictionaryParser {
  public:
    DictionaryParser(std::string_view text, const std::string& place)
        : text_(text), place_(place) {}

    std::vector<std::pair<std::string, double>> parse() {
        std::vector<std::pair<std::string, double>> items;
        expect('{');
        while (!accept('}')) {
            std::string key = quoted();
            expect(':');
            items.emplace_back(std::move(key), number());
            if (accept(',')) continue;
            expect('}');
            break;
        }
        skip_blanks();
        if (position_ != text_.size()) fail("the end");
        return items;
    }

  private:
    [[noreturn]] void fail(const std::string& expected) const {
        fail_input("{}: character {} of '{}': expected {}", place_, position_ + 1, text_, expected);
    }
    void skip_blanks() {
        while (position_ < text_.size() && (text_[position_] == ' ' || text_[position_] == '\t')) {
            ++position_;
        }
    }
    bool accept(char c) {
        skip_blanks();
        if (position_ >= text_.size() || text_[position_] != c) return false;
        ++position_;
        return true;
    }
    void expect(char c) {
        if (!accept(c)) fail(fmt::format("'{}'", c));
    }
    std::string quoted() {
        const char mark = accept('\'') ? '\'' : accept('"') ? '"' : '\0';
        if (mark == '\0') fail("a quoted statement code");
        const std::size_t end = text_.find(mark, position_);
        if (end == std::string_view::npos) fail(fmt::format("a closing {}", mark));
        const std::string_view word = text_.substr(position_, end - position_);
        if (word.empty() || word.find_first_of(";\\") != std::string_view::npos) {
            fail("a statement code");
        }
        position_ = end + 1;
        return std::string(word);
    }
    double number() {
        skip_blanks();
        const std::size_t end = std::min(text_.find_first_of(",} ", position_), text_.size());
        const auto value = parse_double(text_.substr(position_, end - position_));
        if (!value) fail("a number");
        position_ = end;
        return *value;
    }

    std::string_view text_;
    const std::string& place_;
    std::size_t position_ = 0;
};

}  // namespace

std::vector<std::pair<std::string, double>> parse_scp_codes(std::string_view text,
                                                            const std::string& place) {
    return DictionaryParser(trim(text), place).parse();
}

std::map<std::string, ScpStatement> read_scp_statements(const std::filesystem::path& path) {
    const CsvTable table = read_csv(path);
    const std::size_t diagnostic = table.require("diagnostic");
    const std::size_t form = table.require("form");
    const std::size_t rhythm = table.require("rhythm");
    const std::size_t super = table.require("diagnostic_class");
    const std::size_t sub = table.require("diagnostic_subclass");
    std::map<std::string, ScpStatement> statements;
    for (const auto& row : table.rows) {
        const std::string& code = row.front();  // the column without a name
        const auto flag = [&](std::size_t column) {
            return parse_double(row[column]) == 1.0 ? code : std::string();
        };
        ScpStatement one{flag(diagnostic), "", "", flag(form), flag(rhythm)};
        if (!one.diagnostic.empty()) {
            one.subdiagnostic = trim(row[sub]);
            one.superdiagnostic = trim(row[super]);
        }
        statements.emplace(code, one);
    }
    return statements;
}

}  // namespace clef
