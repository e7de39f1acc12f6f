#include "evaluation/report/html.hpp"

#include <cassert>
#include <cmath>
#include <fmt/format.h>

#include "evaluation/report/style.hpp"

namespace clef {

std::string escape_html(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    for (const char c : text) {
        const auto code = static_cast<unsigned char>(c);
        if (c == '&') {
            result += "&amp;";
        } else if (c == '<') {
            result += "&lt;";
        } else if (c == '>') {
            result += "&gt;";
        } else if (c == '"') {
            result += "&quot;";
        } else if (c == '\'') {
            result += "&#39;";
        } else if ((code < 0x20 && c != '\n' && c != '\t') || code == 0x7f) {
            result += "\xEF\xBF\xBD";
        } else {
            result += c;
        }
    }
    return result;
}

std::string html_paragraph(std::string_view text) {
    return fmt::format("<p>{}</p>\n", escape_html(text));
}

std::string html_heading(std::string_view text) {
    return fmt::format("<h3>{}</h3>\n", escape_html(text));
}

std::string html_remark(std::string_view text) {
    return fmt::format("<p class=\"remark\">{}</p>\n", escape_html(text));
}

std::string html_figure(const std::string& svg, std::string_view caption, bool wide) {
    return fmt::format(
        "<figure{}>\n<div class=\"drawing\">{}</div>\n<figcaption>{}</figcaption>\n</figure>\n",
        wide ? " class=\"wide\"" : "", svg, escape_html(caption));
}

std::string html_details(std::string_view summary, const std::string& html) {
    return fmt::format("<details><summary>{}</summary>\n{}</details>\n", escape_html(summary),
                       html);
}

std::string html_table(const HtmlTable& table) {
    std::string result = "<div class=\"table\"><table>\n";
    if (!table.caption.empty()) {
        result += fmt::format("<caption>{}</caption>\n", escape_html(table.caption));
    }
    result += "<thead><tr>";
    for (const auto& column : table.columns) {
        result += fmt::format("<th scope=\"col\"{}>{}</th>",
                              column.number ? " class=\"number\"" : "", escape_html(column.title));
    }
    result += "</tr></thead>\n<tbody>\n";
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
        const auto& row = table.rows[i];
        assert(row.size() == table.columns.size());
        const bool highlighted = i < table.highlighted.size() && table.highlighted[i];
        result += highlighted ? "<tr class=\"highlighted\">" : "<tr>";
        for (std::size_t k = 0; k < row.size(); ++k) {
            result +=
                fmt::format("<td{}>{}</td>", table.columns[k].number ? " class=\"number\"" : "",
                            escape_html(row[k]));
        }
        result += "</tr>\n";
    }
    return result + "</tbody>\n</table></div>\n";
}

HtmlPage::HtmlPage(std::string_view title, std::string_view lead)
    : title_(escape_html(title)), lead_(escape_html(lead)) {}

void HtmlPage::add_section(std::string_view title, const std::string& html) {
    section_titles_.push_back(escape_html(title));
    body_ += fmt::format("<section id=\"s{}\">\n<h2>{}</h2>\n{}</section>\n",
                         section_titles_.size(), section_titles_.back(), html);
}

void HtmlPage::set_footer(std::string_view text) {
    footer_ = escape_html(text);
}

std::string HtmlPage::html() const {
    std::string contents;
    if (section_titles_.size() > 2) {
        contents = "<nav><ul>\n";
        for (std::size_t k = 0; k < section_titles_.size(); ++k) {
            contents +=
                fmt::format("<li><a href=\"#s{}\">{}</a></li>\n", k + 1, section_titles_[k]);
        }
        contents += "</ul></nav>\n";
    }
    const std::string footer = footer_.empty() ? "" : fmt::format("<footer>{}</footer>\n", footer_);
    return fmt::format(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta name=\"color-scheme\" content=\"light dark\">\n"
        "<title>{0}</title>\n<style>\n{1}</style>\n</head>\n<body>\n<main>\n"
        "<h1>{0}</h1>\n<p class=\"lead\">{2}</p>\n{3}{4}{5}</main>\n</body>\n</html>\n",
        title_, report_style(), lead_, contents, body_, footer);
}

std::string format_number(double value, int decimals) {
    if (!std::isfinite(value)) return "–";
    const std::string digits = fmt::format("{:.{}f}", std::abs(value), decimals);
    const bool zero = digits.find_first_not_of("0.") == std::string::npos;
    return fmt::format("{}{}", value < 0 && !zero ? "−" : "", digits);
}

}  // namespace clef
