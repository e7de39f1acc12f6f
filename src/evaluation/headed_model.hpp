// A head that was fitted to a task, in a model file: the encoder's dense layer with the task's
// labels, and in `clef.head` what turns its outputs into predictions. Such a file is a labelled
// encoder like ECGFounder: `clef predict` names its labels, `clef stream` and the exports run it as
// it is.
#pragma once

#include <string>
#include <vector>

#include "evaluation/task_loss.hpp"
#include "evaluation/task_result.hpp"

namespace clef {

// `encoder`: the one that the head is on; a dense layer of its own is multiplied into the head. A
// probe's or fine-tuned result; others are an InputError.
Model headed_model(const Model& encoder, const TaskResult& result);

// What a labelled model's outputs mean. Of one without clef.head (ECGFounder's): its labels, each a
// probability behind a sigmoid.
struct HeadDescription {
    std::vector<std::string> labels;
    Activation activation = Activation::sigmoid;
    std::string unit;  // of a regression
    std::string task;  // empty where there is no clef.head
};
// InputError for a model without labelled outputs, and for a head that contradicts itself.
HeadDescription describe_head(const Model& model, const std::string& source);

}  // namespace clef
