// What the lower precisions cost and gain on real recordings: of one model, for each precision the
// time of a window (batch 1, one thread, medians in turn in one run), the embeddings' cosine with
// float32's, and a linear probe's scores on a task, fitted and tested at that precision.
//
//   bench_precision MODEL COHORT.csv TASK.toml     MODEL: a file, or an architecture's name for
//                                                  random weights
#include <algorithm>
#include <cmath>
#include <filesystem>

#include "cohort/read_cohorts.hpp"
#include "evaluation/probe.hpp"
#include "paired.hpp"
#include "runtime/embed.hpp"

namespace {

using clef::Precision;

constexpr Precision precisions[] = {Precision::float32, Precision::bfloat16, Precision::int8};

double cosine(std::span<const float> a, std::span<const float> b) {
    double dot = 0;
    double first = 0;
    double second = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        dot += double{a[i]} * b[i];
        first += double{a[i]} * a[i];
        second += double{b[i]} * b[i];
    }
    return dot / std::sqrt(first * second);
}

// Centred on the reference's mean, which is most of an embedding and the same for all.
void centre(clef::FloatMatrix& matrix, const std::vector<double>& mean) {
    for (std::size_t i = 0; i < matrix.values.size(); ++i) {
        matrix.values[i] -= static_cast<float>(mean[i % matrix.columns]);
    }
}

std::string cosines(clef::FloatMatrix found, clef::FloatMatrix reference) {
    const auto describe = [&] {
        std::vector<double> values;
        for (std::size_t i = 0; i < found.rows; ++i)
            values.push_back(cosine(found.row(i), reference.row(i)));
        return fmt::format("median {:.6f}, least {:.6f}", clef::bench::median(values),
                           *std::min_element(values.begin(), values.end()));
    };
    const std::string plain = describe();
    std::vector<double> mean(reference.columns);
    for (std::size_t i = 0; i < reference.values.size(); ++i)
        mean[i % reference.columns] += reference.values[i] / static_cast<double>(reference.rows);
    centre(reference, mean);
    centre(found, mean);
    return plain + "; centred " + describe();
}

void print_times(const std::vector<clef::Session>& sessions, std::size_t samples) {
    std::vector<float> window(samples);
    for (std::size_t i = 0; i < samples; ++i)
        window[i] = static_cast<float>(std::sin(0.01 * static_cast<double>(i * i % 5000)));
    std::vector<std::vector<double>> times(std::size(precisions));
    for (int round = 0; round < 21; ++round) {
        for (std::size_t i = 0; i < sessions.size(); ++i) {
            times[i].push_back(clef::bench::milliseconds([&] { sessions[i].run(window); }));
        }
    }
    for (std::size_t i = 0; i < sessions.size(); ++i) {
        const double median = clef::bench::median(times[i]);
        fmt::print("{:<9} {:8.3f} ms a window, {:.2f} times float32\n",
                   clef::precision_name(precisions[i]), median,
                   clef::bench::median(times[0]) / median);
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 4) {
        fmt::print(stderr, "usage: bench_precision MODEL COHORT.csv TASK.toml\n");
        return 2;
    }
    const clef::Model model = std::filesystem::exists(argv[1])
                                  ? clef::read_model(argv[1], {.quiet = true})
                                  : clef::random_model(argv[1], 1, 1);
    std::vector<clef::Session> sessions;
    for (const Precision precision : precisions) {
        sessions.emplace_back(model, clef::SessionOptions{precision});
    }
    print_times(sessions, model.recipe.window_samples());
    const clef::Cohort cohort = clef::read_cohort(argv[2]);
    const clef::Task task = clef::read_task(argv[3]);
    clef::EmbedOptions options;
    options.mean = true;
    options.pad_short = true;
    clef::FloatMatrix reference;
    for (const clef::Session& session : sessions) {
        const clef::Embeddings embeddings =
            clef::embed_cohort(cohort, session, clef::Preprocessor(model.recipe), options);
        clef::FloatMatrix matrix(embeddings.rows.size(), embeddings.dimensions);
        matrix.values = embeddings.values;
        if (reference.rows == 0) reference = matrix;
        const clef::TaskResult probe = clef::linear_probe(matrix, clef::rows_of(cohort), task,
                                                          clef::make_targets(cohort, task));
        fmt::print("{:<9} {} recordings, cosine {}\n", clef::precision_name(session.precision()),
                   matrix.rows, cosines(matrix, reference));
        for (const clef::MetricResult& metric : probe.scores.metrics) {
            if (metric.value && metric.name == task.metric) {
                fmt::print("{:<9} {} {}: {:.4f} ({:.4f} to {:.4f})\n", "", task.name, metric.name,
                           *metric.value, metric.interval.low.value_or(NAN),
                           metric.interval.high.value_or(NAN));
            }
        }
    }
    return 0;
}
