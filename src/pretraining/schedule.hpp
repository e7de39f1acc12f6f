// The learning rate at every step.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace clef {

struct ScheduleOptions {
    std::string name = "cosine-warm-restarts";  // or cosine, constant
    double peak = 1e-4;
    double floor = 1e-6;
    std::int64_t warm_up_steps = 0;      // linear from 0, before any of the three
    std::int64_t total_steps = 1;        // cosine: reaches the floor here
    std::int64_t first_cycle_steps = 1;  // warm restarts: T0
    int cycle_factor = 2;                // warm restarts: each cycle this many times longer
};

std::vector<std::string> schedule_names();

// step = 0, 1, …: floor + (peak − floor) · (1 + cos(π · t/T)) / 2 within a cycle
// (Loshchilov and Hutter 2017, SGDR, equation 5). InputError for an unknown name.
double learning_rate(const ScheduleOptions& options, std::int64_t step);

}  // namespace clef
