#include "evaluation/report/geometry_page.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <numeric>

#include "base/random.hpp"
#include "evaluation/projection.hpp"
#include "evaluation/report/html.hpp"
#include "evaluation/report/plot_frame.hpp"
#include "evaluation/report/probe_section.hpp"
#include "evaluation/report/svg_chart.hpp"

namespace clef {

namespace {

// The values that tell models apart.
const std::vector<std::string> compared = {"distance_risk", "distance_risk_within_age",
                                           "neighbour_excess", "ridge_r2", "ridge_within_age"};

std::string with_interval(const GeometryValue& value) {
    if (!value.interval.low) return format_number(value.value);
    return fmt::format("{} ({} to {})", format_number(value.value),
                       format_number(*value.interval.low), format_number(*value.interval.high));
}

std::string pairs_text(const PairCounts& counts, const char* kind) {
    return counts.used < counts.possible ? fmt::format("{} of {} pairs {} drawn at random",
                                                       counts.used, counts.possible, kind)
                                         : fmt::format("all {} pairs {}", counts.possible, kind);
}

std::string values_section(const GeometryReport& report) {
    HtmlTable table;
    table.columns = {{""}};
    for (const std::string& model : report.models) table.columns.push_back({model, true});
    const Geometry& first = report.geometries[0];
    for (std::size_t v = 0; v < first.values.size(); ++v) {
        std::vector<std::string> row = {first.values[v].title};
        for (const Geometry& one : report.geometries) row.push_back(with_interval(one.values[v]));
        table.rows.push_back(std::move(row));
    }
    std::vector<std::string> row = {"effective rank"};
    for (const Geometry& one : report.geometries) {
        row.push_back(
            fmt::format("{} of {}", format_number(one.effective_rank, 1), one.dimensions));
    }
    table.rows.push_back(std::move(row));
    table.caption = fmt::format(
        "{} patients; {:.0f} % intervals over {} bootstrap resamples of them", first.patients,
        100 * report.options.confidence, report.options.bootstrap.resamples);
    return html_table(table) +
           html_remark(fmt::format(
               "Spearman correlation of cosine distance with the difference of risk: {}, {}, {}; "
               "seed {}. Age bands of {:g} years. Neighbours: {}, of {} patients; thirds of risk "
               "divided at {:.2f} % and {:.2f} %. Without a risk, and left out: {} patients.",
               pairs_text(first.pairs, "of patients"),
               pairs_text(first.pairs_within_age, "within a band"),
               pairs_text(first.pairs_within_age_and_sex, "within a band and sex"),
               report.options.bootstrap.seed, report.options.age_band, report.options.neighbours,
               first.queries, 100 * first.risk_thirds[0], 100 * first.risk_thirds[1],
               report.patients.without_risk));
}

std::string forest(const GeometryReport& report) {
    ForestChart chart;
    chart.title = "Distance–risk correlation within age bands";
    chart.x_label = "Spearman correlation within age bands";
    chart.reference = 0;
    for (std::size_t m = 0; m < report.models.size(); ++m) {
        const GeometryValue& value = report.geometries[m].value("distance_risk_within_age");
        chart.estimates.push_back({report.models[m], value.value, value.interval.low,
                                   value.interval.high, static_cast<int>(m)});
    }
    return html_figure(forest_chart(chart),
                       "Above zero: patients of the same age lie the farther apart the more their "
                       "risks differ.");
}

std::string differences_section(const GeometryReport& report) {
    HtmlTable table;
    table.columns = {{"Value"}, {"Difference"}, {"", true}, {"p", true}, {"p (Holm)", true}};
    for (const GeometryDifference& row : report.differences) {
        const Interval& interval = row.difference.interval;
        table.rows.push_back({report.geometries[0].value(row.value).title,
                              fmt::format("{} − {}", row.first, row.second),
                              fmt::format("{} ({} to {})", format_number(row.difference.difference),
                                          format_number(interval.low.value_or(NAN)),
                                          format_number(interval.high.value_or(NAN))),
                              row.difference.p_value ? p_value_text(*row.difference.p_value) : "–",
                              row.adjusted_p ? p_value_text(*row.adjusted_p) : "–"});
    }
    return html_table(table);
}

// ---- the curve ----

std::string curve_svg(const GeometryReport& report) {
    std::vector<std::vector<double>> xs, ys;
    for (const Geometry& one : report.geometries) {
        xs.emplace_back();
        ys.emplace_back();
        for (const CurvePoint& point : one.curve) {
            xs.back().push_back(100 * point.risk_difference);
            ys.back().push_back(point.distance.value);
            ys.back().push_back(point.distance.interval.low.value_or(NAN));
            ys.back().push_back(point.distance.interval.high.value_or(NAN));
        }
    }
    PlotFrame frame;
    const double legend = 20 * static_cast<double>(report.models.size());
    frame.top += legend;
    frame.bottom += legend;
    frame.fit(range_of({xs.begin(), xs.end()}), range_of({ys.begin(), ys.end()}));
    std::string svg = open_svg(480, frame.bottom + 50, "Distance against difference of risk");
    svg += frame.draw("difference of ten-year risk (percentage points)", "mean cosine distance");
    for (std::size_t m = 0; m < report.models.size(); ++m) {
        const std::string colour = series_colour(static_cast<int>(m));
        std::string path, bars;
        for (const CurvePoint& point : report.geometries[m].curve) {
            const double x = frame.x(100 * point.risk_difference);
            const double y = frame.y(point.distance.value);
            if (!std::isfinite(y)) continue;
            path += fmt::format("{}{:.1f} {:.1f}", path.empty() ? 'M' : 'L', x, y);
            if (!point.distance.interval.low) continue;
            bars += fmt::format("M{:.1f} {:.1f}V{:.1f}", x, frame.y(*point.distance.interval.low),
                                frame.y(*point.distance.interval.high));
        }
        svg += fmt::format(
            "<path class=\"curve\" style=\"stroke:{0}\" d=\"{1}\"/><path "
            "class=\"curve\" style=\"stroke:{0};stroke-opacity:.5\" d=\"{2}\"/>\n",
            colour, path, bars);
        const double y = 16 + 20 * static_cast<double>(m);
        svg += fmt::format("<path class=\"curve\" style=\"stroke:{}\" d=\"M{:.1f} {:.1f}h18\"/>",
                           colour, frame.left, y - 4);
        svg += svg_text(frame.left + 24, y, "label", "start", report.models[m]);
    }
    return svg + "</svg>\n";
}

std::string map_figure(const GeometryReport& report) {
    const PrincipalComponents map = principal_components(report.patients.embeddings, 2);
    ScatterChart chart;
    chart.title = "Embedding map";
    const auto share = [&](std::size_t k) {
        return k < map.explained_variance.size() ? 100 * map.explained_variance[k] : 0.0;
    };
    chart.x_label = fmt::format("first principal component ({:.0f} %)", share(0));
    chart.y_label = fmt::format("second ({:.0f} %)", share(1));
    chart.value_label = "ten-year risk (%)";
    for (std::size_t i = 0; i < map.coordinates.rows; ++i) {
        chart.x.push_back(map.coordinates.at(i, 0));
        chart.y.push_back(map.coordinates.columns > 1 ? map.coordinates.at(i, 1) : 0);
        chart.value.push_back(100 * report.patients.risk[i]);
    }
    return html_figure(
        scatter_chart(chart),
        fmt::format("Patients' mean embeddings by {}; colour: risk.", report.models[0]));
}

// ---- the pair weights of a batch ----

// A square of cells, dark where the value is high; the diagonal is left empty.
std::string matrix_svg(const std::vector<double>& values, std::size_t n, const std::string& title) {
    constexpr int levels = 24;
    double low = INFINITY, high = -INFINITY;
    for (std::size_t i = 0; i < n * n; ++i) {
        if (i % (n + 1) == 0) continue;
        low = std::min(low, values[i]);
        high = std::max(high, values[i]);
    }
    std::vector<std::string> paths(levels);
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t k = 0; k < n; ++k) {
            if (i == k) continue;
            const double part = high > low ? (values[i * n + k] - low) / (high - low) : 0.5;
            const int level = std::clamp(static_cast<int>(part * levels), 0, levels - 1);
            paths[static_cast<std::size_t>(level)] += fmt::format("M{} {}h1v1h-1z", k, i);
        }
    }
    const auto side = static_cast<double>(n);
    std::string svg = open_svg(side, side * 1.05, title);
    for (int level = 0; level < levels; ++level) {
        const std::string& path = paths[static_cast<std::size_t>(level)];
        if (path.empty()) continue;
        svg += fmt::format("<path style=\"fill:var(--series-0);fill-opacity:{:.3f}\" d=\"{}\"/>\n",
                           0.04 + 0.96 * (level + 0.5) / levels, path);
    }
    const std::string size = fmt::format(" style=\"font-size:{:.2f}px\"", side * 0.03);
    svg += svg_text(0, side * 1.04, "label", "start",
                    fmt::format("{:.3g} (pale) to {:.3g}", low, high), size);
    return svg + "</svg>\n";
}

std::string weights_section(const GeometryReport& report) {
    const GeometryPatients& patients = report.patients;
    std::vector<std::size_t> batch =
        Random(report.options.bootstrap.seed, "batch shown").permutation(patients.risk.size());
    batch.resize(std::min(report.batch, batch.size()));
    std::sort(batch.begin(), batch.end(),
              [&](std::size_t a, std::size_t b) { return patients.risk[a] < patients.risk[b]; });
    std::vector<double> risk, missing;
    for (const std::size_t i : batch) {
        risk.push_back(patients.risk[i]);
        missing.push_back(patients.missing[i]);
    }
    std::string html = html_paragraph(fmt::format(
        "A batch of {} patients drawn at random, sorted by risk from {:.2f} % (left, top) to "
        "{:.2f} %, and how strongly each pair would be pushed apart in pretraining (α = {:g}). "
        "Each form has a scale of its own.",
        batch.size(), 100 * risk.front(), 100 * risk.back(), report.weights.alpha));
    for (const std::string& name : pair_form_names()) {
        PairOptions options = report.weights;
        options.form = *parse_pair_form(name);
        const PairWeights pairs = pair_weights(risk, missing, options);
        html += html_figure(matrix_svg(pairs.weight, batch.size(), "Pair weights, form " + name),
                            fmt::format("W, form {}", name));
    }
    return html;
}

std::string lead(const GeometryReport& report) {
    const Geometry& first = report.geometries[0];
    const GeometryValue& within = first.value("distance_risk_within_age");
    const char* verdict = !within.interval.low        ? "cannot be told"
                          : *within.interval.low > 0  ? "is above zero"
                          : *within.interval.high < 0 ? "is below zero"
                                                      : "cannot be told from zero";
    return fmt::format(
        "{} patients of {} ({}), {}: distance in the embedding correlates with difference of risk "
        "by {}; among patients of the same age by {}, which {}.",
        first.patients, report.cohort, report.rows, report.models[0],
        with_interval(first.value("distance_risk")), with_interval(within), verdict);
}

}  // namespace

std::vector<GeometryDifference> compare_geometries(const std::vector<std::string>& models,
                                                   const std::vector<Geometry>& geometries) {
    std::vector<GeometryDifference> rows;
    std::vector<double> p_values;
    for (std::size_t m = 1; m < geometries.size(); ++m) {
        for (const std::string& name : compared) {
            const GeometryValue& a = geometries[0].value(name);
            const GeometryValue& b = geometries[m].value(name);
            rows.push_back({name, models[0], models[m],
                            paired_difference(a.value, b.value, a.draws, b.draws), std::nullopt});
            if (rows.back().difference.p_value) p_values.push_back(*rows.back().difference.p_value);
        }
    }
    const std::vector<double> adjusted = holm(p_values);
    std::size_t next = 0;
    for (GeometryDifference& row : rows) {
        if (row.difference.p_value) row.adjusted_p = adjusted[next++];
    }
    return rows;
}

std::string geometry_page(const GeometryReport& report) {
    HtmlPage page("Does the embedding follow clinical risk?", lead(report));
    page.add_section("Correlation, neighbours, regression",
                     values_section(report) + forest(report));
    if (!report.differences.empty()) {
        page.add_section("Paired differences", differences_section(report));
    }
    page.add_section("Distance against difference of risk",
                     html_figure(curve_svg(report),
                                 "Mean distance of the pairs whose risks differ by so much (tenths "
                                 "of the pairs), with intervals."));
    page.add_section("Embedding map", map_figure(report));
    page.add_section("Pair weights of a batch", weights_section(report));
    page.set_footer(fmt::format("clef {}", CLEF_VERSION));
    return page.html();
}

}  // namespace clef
