#include "pretraining/schedule.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/error.hpp"
#include "base/text.hpp"

namespace clef {

namespace {

double cosine(const ScheduleOptions& options, std::int64_t step, std::int64_t length) {
    const double fraction = std::min(1.0, static_cast<double>(step) / static_cast<double>(length));
    return options.floor +
           (options.peak - options.floor) * (1 + std::cos(std::numbers::pi * fraction)) / 2;
}

}  // namespace

std::vector<std::string> schedule_names() {
    return {"cosine-warm-restarts", "cosine", "constant"};
}

double learning_rate(const ScheduleOptions& options, std::int64_t step) {
    if (step < options.warm_up_steps) {
        return options.peak * static_cast<double>(step + 1) /
               static_cast<double>(options.warm_up_steps);
    }
    step -= options.warm_up_steps;
    if (options.name == "constant") return options.peak;
    if (options.name == "cosine") {
        return cosine(options, step,
                      std::max<std::int64_t>(1, options.total_steps - options.warm_up_steps));
    }
    if (options.name != "cosine-warm-restarts") {
        fail_input("schedule '{}' is not known.{}", options.name,
                   suggestion(options.name, schedule_names()));
    }
    std::int64_t length = std::max<std::int64_t>(1, options.first_cycle_steps);
    while (step >= length) {
        step -= length;
        length *= options.cycle_factor;
    }
    return cosine(options, step, length);
}

}  // namespace clef
