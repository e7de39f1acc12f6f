// Builds one self-contained HTML page: no scripts, no external resources, inline style, readable on
// a phone, in light and in dark. Functions that take "text" escape it; those that take "html" do
// not. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace clef {

// & < > " ' as entities; control characters that HTML forbids become U+FFFD.
std::string escape_html(std::string_view text);

std::string html_paragraph(std::string_view text);
std::string html_heading(std::string_view text);  // below a section's title
// A small print paragraph: what was left out, how something was computed.
std::string html_remark(std::string_view text);
// A drawing with its caption beneath; `wide` lets it scroll sideways instead of shrinking.
std::string html_figure(const std::string& svg, std::string_view caption, bool wide = false);
// Hidden until opened, without a script.
std::string html_details(std::string_view summary, const std::string& html);

struct HtmlTable {
    struct Column {
        std::string title;
        bool number = false;  // aligned right, figures of equal width
    };
    std::string caption;
    std::vector<Column> columns;
    std::vector<std::vector<std::string>> rows;  // text; each as long as `columns`
    std::vector<bool> highlighted;               // parallel to rows, or empty
};
std::string html_table(const HtmlTable& table);

class HtmlPage {
  public:
    // `lead` is the paragraph under the title that says the result in one breath.
    HtmlPage(std::string_view title, std::string_view lead);

    void add_section(std::string_view title, const std::string& html);
    // The last line: program version, command, date.
    void set_footer(std::string_view text);

    std::string html() const;

  private:
    std::string title_;  // escaped
    std::string lead_;
    std::vector<std::string> section_titles_;
    std::string body_;
    std::string footer_;
};

// ---- numbers as reports print them ----

// "0.812", "−0.031" (with a true minus sign); "–" for nothing finite.
std::string format_number(double value, int decimals = 3);

}  // namespace clef
