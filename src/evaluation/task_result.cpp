#include "evaluation/task_result.hpp"

#include <fmt/format.h>

namespace clef {
namespace {

std::string named(const TaskResult& result, bool with_seed) {
    std::string text = result.model;
    const bool own_name =  // which says the protocol too
        result.protocol.empty() || result.protocol == "mean" || result.protocol == "random" ||
        result.protocol == "scratch";
    if (!own_name) text += ", " + result.protocol;
    const bool drawn =
        result.fraction < 1 ||
        (result.protocol != "probe" && result.protocol != "mean" && !result.protocol.empty());
    if (with_seed && drawn) text += fmt::format(", seed {}", result.seed);
    if (result.fraction < 1) text += fmt::format(", {:g} % of the labels", 100 * result.fraction);
    return text;
}

}  // namespace

const std::vector<std::string>& known_protocols() {
    static const std::vector<std::string> names = {"probe",   "attention-pool", "finetune",
                                                   "scratch", "random",         "mean"};
    return names;
}

std::string TaskResult::name() const {
    return named(*this, true);
}

std::string TaskResult::group() const {
    return named(*this, false);
}

}  // namespace clef
