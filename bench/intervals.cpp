// How long the intervals of a task with 71 classes take (PTB-XL's `all` statements): 1,000
// resamples of everything that score_predictions reports, for a fold of 2,200 records and for all
// 22,000.
//
//   build/bench_intervals [--threads N]
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <fmt/format.h>

#include "base/random.hpp"
#include "base/threads.hpp"
#include "evaluation/scoring.hpp"

namespace {

using namespace clef;

struct Made {
    EvaluationRows rows;
    Task task;
    Targets targets;
    Matrix predictions;
};

// Prevalences from a few in a thousand to a half, as PTB-XL's statements have; scores that overlap.
Made make_rows(std::size_t test, std::size_t classes) {
    Random random(1, "bench");
    Made made;
    const std::size_t validation = test;
    const std::size_t count = validation + test;
    made.task.name = "bench";
    made.task.metric = "macro-auroc";
    made.targets.classes = classes;
    made.predictions = Matrix(count, classes);
    for (std::size_t k = 0; k < classes; ++k)
        made.task.classes.push_back({fmt::format("c{}", k), ""});
    for (std::size_t i = 0; i < count; ++i) {
        made.rows.records.push_back(fmt::format("r{}", i));
        made.rows.patients.push_back(fmt::format("p{}", i - i % 10 / 9));  // a few have two
        made.rows.splits.push_back(i < validation ? "val" : "test");
        if (i == validation) made.rows.patients.back() = "first of the test";
        made.targets.known.push_back(1);
        for (std::size_t k = 0; k < classes; ++k) {
            const double share = 0.004 * std::pow(125, static_cast<double>(k) / 70);
            const bool positive = random.chance(share);
            made.targets.indicators.push_back(positive);
            made.predictions.at(i, k) = 1 / (1 + std::exp(-random.normal(positive ? -1 : -3, 1.5)));
        }
    }
    return made;
}

void measure(std::size_t test, unsigned threads) {
    const Made made = make_rows(test, 71);
    ScoringOptions options;
    options.bootstrap.threads = threads;
    double best = 1e9;
    double macro = 0;
    for (int run = 0; run < (test < 10000 ? 3 : 2); ++run) {
        const auto start = std::chrono::steady_clock::now();
        const Scores scores =
            score_predictions(made.predictions, made.rows, made.task, made.targets, options);
        best = std::min(
            best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
        macro = scores.metric("macro-auroc").value.value_or(NAN);
    }
    fmt::print(
        "{:>6} records × 71 labels, 1,000 resamples, {} threads: {:.2f} s (macro-AUROC {:.4f})\n",
        test, threads, best, macro);
}

}  // namespace

int main(int argc, char** argv) {
    unsigned threads = available_threads();
    if (argc == 3 && std::strcmp(argv[1], "--threads") == 0) {
        threads = static_cast<unsigned>(std::atoi(argv[2]));
    }
    measure(2200, threads);
    measure(22000, threads);
    return 0;
}
