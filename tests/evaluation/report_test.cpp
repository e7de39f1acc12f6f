#include <cmath>
#include <gtest/gtest.h>
#include <regex>
#include <set>

#include "base/error.hpp"
#include "evaluation/report/ecg_strip.hpp"
#include "evaluation/report/html.hpp"
#include "evaluation/report/svg_chart.hpp"

namespace clef {
namespace {

// The first tag that is not closed in order, or an empty text: a page must be well-formed.
std::string first_unbalanced(const std::string& html) {
    const std::set<std::string> no_end = {"meta", "!DOCTYPE"};
    std::vector<std::string> open;
    const std::regex tag("<(/?)([!A-Za-z][A-Za-z0-9]*)([^<>]*?)(/?)>");
    std::size_t brackets = 0;
    for (std::sregex_iterator it(html.begin(), html.end(), tag), end; it != end; ++it) {
        ++brackets;
        const std::string name = (*it)[2];
        if (no_end.contains(name) || (*it)[4].length() > 0) continue;
        if ((*it)[1].length() == 0) {
            open.push_back(name);
        } else if (open.empty() || open.back() != name) {
            return "</" + name;
        } else {
            open.pop_back();
        }
    }
    const auto lefts = static_cast<std::size_t>(std::count(html.begin(), html.end(), '<'));
    if (lefts != brackets) return "a '<' outside tags";
    return open.empty() ? "" : open.back();
}

struct Point {
    double x, y;
};
std::vector<Point> points_of(const std::string& path) {
    std::vector<Point> result;
    const std::regex point("[ML](-?[0-9.]+) (-?[0-9.]+)");
    for (std::sregex_iterator it(path.begin(), path.end(), point), end; it != end; ++it) {
        result.push_back({std::stod((*it)[1]), std::stod((*it)[2])});
    }
    return result;
}

TEST(Html, EscapesEverythingThatMarkupCouldReadIn) {
    EXPECT_EQ(escape_html("a<b> & \"c\" 'd'"), "a&lt;b&gt; &amp; &quot;c&quot; &#39;d&#39;");
    EXPECT_EQ(escape_html(std::string_view("x\0y\x1b", 4)), "x\xEF\xBF\xBDy\xEF\xBF\xBD");
    EXPECT_EQ(escape_html("α ≥ 1"), "α ≥ 1");
}

TEST(Html, PagesAreWellFormedWhateverTheTextSays) {
    const std::string nasty = "</script><svg onload=x> & \"'";
    HtmlPage page(nasty, nasty);
    HtmlTable table;
    table.caption = nasty;
    table.columns = {{nasty}, {nasty, true}};
    table.rows = {{nasty, nasty}, {"a", "1"}};
    table.highlighted = {true, false};
    LineChart lines{nasty, nasty, nasty, {{nasty, {0, 1}, {1, 2}}, {nasty, {0, 1}, {2, 1}}}};
    ForestChart forest{nasty, nasty, {{nasty, 0.5, 0.4, 0.6, 0}}, 0.5, 3};
    ScatterChart scatter{nasty, nasty, nasty, nasty, {0, 1}, {1, 0}, {1, NAN}};
    EcgStripOptions options;
    options.title = nasty;
    const std::string strip = ecg_strip({{nasty, std::vector<float>(500, 0.F)}}, 500, options);
    for (const auto& body :
         {html_paragraph(nasty), html_table(table), html_details(nasty, html_remark(nasty)),
          html_figure(line_chart(lines), nasty), html_figure(forest_chart(forest), nasty),
          html_figure(scatter_chart(scatter), nasty), html_figure(strip, nasty, true)}) {
        page.add_section(nasty, body);
    }
    page.set_footer(nasty);
    const std::string html = page.html();
    EXPECT_EQ(first_unbalanced(html), "");
    EXPECT_EQ(html.find("<svg onload"), std::string::npos);
    EXPECT_EQ(html.find("<script"), std::string::npos);
    EXPECT_EQ(first_unbalanced("<p><b></p></b>"), "</p");  // the check itself
}

TEST(Html, PagesAskForNothingFromOutside) {
    HtmlPage page("t", "l");
    page.add_section("s", html_figure(line_chart({"t", "x", "y", {{"a", {0, 1}, {0, 1}}}}), "c"));
    const std::string html = page.html();
    for (const char* word : {"src=", "url(", "@import", "<link", "https://"}) {
        EXPECT_EQ(html.find(word), std::string::npos) << word;
    }
    EXPECT_NE(html.find("prefers-color-scheme: dark"), std::string::npos);
    EXPECT_NE(html.find("width=device-width"), std::string::npos);
}

TEST(Html, NumbersAlignRightAndUseATrueMinus) {
    HtmlTable table;
    table.columns = {{"name"}, {"value", true}};
    table.rows = {{"a", format_number(-0.0312)}};
    EXPECT_NE(html_table(table).find("<td class=\"number\">−0.031</td>"), std::string::npos);
    EXPECT_EQ(format_number(-0.0001), "0.000");
    EXPECT_EQ(format_number(NAN), "–");
}

TEST(Ticks, AreRoundAndCoverTheData) {
    for (const auto& [low, high] : std::vector<std::pair<double, double>>{{0, 1},
                                                                          {-3, 17},
                                                                          {0.4812, 0.4829},
                                                                          {1e-7, 3e-7},
                                                                          {-1e9, 2e9},
                                                                          {5, 5},
                                                                          {0, 0},
                                                                          {7, -7}}) {
        const auto ticks = nice_ticks(low, high);
        ASSERT_GE(ticks.size(), 2U);
        EXPECT_LE(ticks.size(), 7U);
        const double step = ticks[1] - ticks[0];
        EXPECT_LE(ticks.front(), std::min(low, high) + 1e-6 * step);
        EXPECT_GE(ticks.back(), std::max(low, high) - 1e-6 * step);
        const double mantissa = step / std::pow(10, std::floor(std::log10(step) + 1e-9));
        EXPECT_TRUE(std::abs(mantissa - 1) < 1e-6 || std::abs(mantissa - 2) < 1e-6 ||
                    std::abs(mantissa - 5) < 1e-6)
            << low << " " << high << " " << step;
    }
    EXPECT_EQ(nice_ticks(NAN, 3).front(), 0);
    EXPECT_EQ(tick_label(0.25, 0.05), "0.25");
    EXPECT_EQ(tick_label(-2, 1), "−2");
    EXPECT_EQ(tick_label(1234567, 1000), "1,234,567");
    EXPECT_EQ(tick_label(0.30000000000000004, 0.1), "0.3");
}

TEST(Charts, DrawEveryFinitePointAndNoOther) {
    ScatterChart scatter;
    scatter.x = {0, 1, NAN, 3};
    scatter.y = {0, 1, 2, INFINITY};
    const std::string svg = scatter_chart(scatter);
    const std::regex circle("<circle");
    EXPECT_EQ(std::distance(std::sregex_iterator(svg.begin(), svg.end(), circle), {}), 2);
    EXPECT_EQ(svg.find("nan"), std::string::npos);
    EXPECT_EQ(svg.find("inf"), std::string::npos);
}

TEST(Charts, ThinnedLinesKeepTheirPeaks) {
    LineSeries series;
    for (int i = 0; i < 100000; ++i) {
        series.x.push_back(i);
        series.y.push_back(i == 54321 ? 1000 : std::sin(i));
    }
    const std::string svg = line_chart({"t", "x", "y", {series}});
    EXPECT_LT(svg.size(), 30000U);
    const auto begin = svg.find(" d=\"", svg.find("class=\"curve\""));
    const auto points = points_of(svg.substr(begin));
    double highest = 1e9;
    for (const Point& point : points) highest = std::min(highest, point.y);
    EXPECT_LT(highest, 25);  // near the top of the frame
}

TEST(EcgStrip, IsToScale) {
    // One second at 0 mV, then one at 1 mV, sampled at 100 Hz.
    std::vector<float> samples(200, 0.F);
    std::fill(samples.begin() + 100, samples.end(), 1.F);
    const auto points = points_of(ecg_path(samples, 100, 15, 40));
    EXPECT_NEAR(points.front().x, 15, 1e-9);
    EXPECT_NEAR(points.front().y, 40, 1e-9);
    EXPECT_NEAR(points.back().x, 15 + 25 * 1.99, 0.011);
    EXPECT_NEAR(points.back().y, 40 - 10, 1e-9);
    const std::string svg = ecg_strip({{"II", samples}}, 100);
    // 15 mm before the signal and 2 s of 25 mm; 10 mm above, 5 below, and a margin of 5.
    EXPECT_NE(svg.find("viewBox=\"0 0 65 20\""), std::string::npos);
    EXPECT_NE(svg.find("h2v-10h5v10h2"), std::string::npos);  // 1 mV for 0.2 s
    EXPECT_NE(svg.find(">II</text>"), std::string::npos);
    EcgStripOptions relative;
    relative.in_millivolts = false;
    EXPECT_EQ(ecg_strip({{"II", samples}}, 100, relative).find("mm/mV"), std::string::npos);
}

TEST(EcgStrip, KeepsEveryPeakWhateverTheSamplingRate) {
    std::vector<float> samples(100000, 0.F);
    samples[44444] = 2.5F;  // one sample of ten seconds at 10 kHz
    samples[77777] = -1.5F;
    const std::string path = ecg_path(samples, 10000, 0, 50);
    EXPECT_LT(path.size(), 30000U);
    double top = 1e9;
    double bottom = -1e9;
    for (const Point& point : points_of(path)) {
        top = std::min(top, point.y);
        bottom = std::max(bottom, point.y);
    }
    EXPECT_NEAR(top, 25, 1e-9);
    EXPECT_NEAR(bottom, 65, 1e-9);
}

TEST(EcgStrip, MissingSamplesAreGapsAndExcursionsAreCutOff) {
    std::vector<float> samples(300, 0.F);
    for (int i = 100; i < 200; ++i) samples[i] = NAN;
    samples[250] = 1e30F;
    const std::string path = ecg_path(samples, 100, 0, 60);
    EXPECT_EQ(std::count(path.begin(), path.end(), 'M'), 2);
    EXPECT_EQ(path.find("nan"), std::string::npos);
    for (const Point& point : points_of(path)) EXPECT_GE(point.y, 10 - 1e-9);
}

TEST(EcgStrip, TwelveLeadsShareTheTimeInFourColumns) {
    std::vector<EcgTrace> traces;
    for (int k = 0; k < 12; ++k) {
        traces.push_back(
            {"L" + std::string(1, static_cast<char>('a' + k)), std::vector<float>(1000, 0.F)});
    }
    EcgStripOptions options;
    options.layout = EcgLayout::four_by_three;
    const std::string svg = ecg_strip(traces, 100, options);
    EXPECT_NE(svg.find("viewBox=\"0 0 265 50\""), std::string::npos);
    // Lead V1, the seventh, begins the third column: 5 s after the start, in the first row.
    EXPECT_NE(svg.find("<text class=\"ecg-text\" x=\"140.8\" y=\"4.2\">Lg"), std::string::npos);
    traces.pop_back();
    EXPECT_THROW(ecg_strip(traces, 100, options), InputError);
    EXPECT_THROW(ecg_strip({}, 100), InputError);
    EXPECT_THROW(ecg_strip({{"I", {}}}, 100), InputError);
    EXPECT_THROW(ecg_strip(traces, 0), InputError);
}

}  // namespace
}  // namespace clef
