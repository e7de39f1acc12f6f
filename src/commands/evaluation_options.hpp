// The options of an evaluation's protocols, as `evaluate` and `benchmark` both have them.
#pragma once

#include <string>
#include <vector>

#include "commands/commands.hpp"
#include "commands/evaluation_run.hpp"

namespace clef {

// --epochs, --patience, --batch, --learning-rate, --layer-decay, --crop-seconds, --heads,
// --windows,
// --random-seeds, --resamples, --bootstrap-seed, --threads; `plan` must live as long as the
// command.
void add_protocol_options(CLI::App& command, EvaluationPlan& plan);

// After parsing: what the options above mean for every protocol together.
void settle_protocol_options(EvaluationPlan& plan);

// "NAME=FILE" or "FILE".
Contender read_contender(const std::string& text);

}  // namespace clef
