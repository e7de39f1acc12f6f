#include <algorithm>
#include <fmt/format.h>
#include <map>

#include "commands/evaluation_run.hpp"

namespace clef {
namespace {

using Group = std::vector<const TaskResult*>;  // the seeds of one kind of result

// The metric's value and bootstrap draws, averaged over several results of the same resamples.
struct Draws {
    double estimate = 0;
    std::vector<double> values;
};

Draws draws_of(const Group& results, const std::string& metric) {
    Draws draws;
    const double share = 1.0 / static_cast<double>(results.size());
    for (const TaskResult* result : results) {
        const std::size_t column = result->scores.metric_index(metric);
        const Matrix& all = result->scores.bootstrap.draws;
        draws.values.resize(all.rows, 0.0);
        draws.estimate += share * result->scores.bootstrap.estimates[column];
        for (std::size_t r = 0; r < all.rows; ++r) draws.values[r] += share * all.at(r, column);
    }
    return draws;
}

std::string group_name(const Group& group) {
    if (group.size() == 1) return group.front()->name();
    return fmt::format("{}, mean of {} seeds", group.front()->group(), group.size());
}

Paired compare(const Task& task, const Group& first, const Group& second) {
    const Draws a = draws_of(first, task.metric);
    const Draws b = draws_of(second, task.metric);
    PairedDifference difference = paired_difference(a.estimate, b.estimate, a.values, b.values,
                                                    first.front()->scores.options.confidence);
    if (first.front()->scores.test_patients < fewest_patients_for_p) difference.p_value.reset();
    return {task.name,          task.metric,           group_name(first),
            group_name(second), std::move(difference), std::nullopt};
}

struct Groups {
    std::vector<Group> in_order;

    // Of one protocol, all but the encoder of that name.
    std::vector<Group> others(const std::string& protocol, const std::string& model) const {
        std::vector<Group> found;
        for (const Group& group : in_order) {
            if (group.front()->protocol == protocol && group.front()->model != model) {
                found.push_back(group);
            }
        }
        return found;
    }
    const Group* find(const std::string& protocol, const std::string& model) const {
        for (const Group& group : in_order) {
            if (group.front()->protocol == protocol && group.front()->model == model) return &group;
        }
        return nullptr;
    }
};

Groups groups_of(const std::vector<TaskResult>& results) {
    Groups groups;
    std::map<std::string, std::size_t> places;
    for (const TaskResult& result : results) {
        if (result.fraction < 1) continue;
        const auto [place, added] = places.try_emplace(result.group(), groups.in_order.size());
        if (added) groups.in_order.emplace_back();
        groups.in_order[place->second].push_back(&result);
    }
    return groups;
}

std::vector<Paired> compare_all(const Task& task, const std::string& model,
                                const std::vector<TaskResult>& results) {
    const Groups groups = groups_of(results);
    std::vector<Paired> paired;
    const Group* probe = groups.find("probe", model);
    for (const char* protocol : {"probe", "attention-pool", "finetune"}) {
        const Group* first = groups.find(protocol, model);
        if (first == nullptr) continue;
        std::vector<Group> seconds = groups.others(protocol, model);
        const auto add = [&](const std::vector<Group>& more) {
            seconds.insert(seconds.end(), more.begin(), more.end());
        };
        if (first == probe) add(groups.others("random", ""));
        if (std::string_view(protocol) == "finetune") add(groups.others("scratch", ""));
        if (first != probe && probe != nullptr) seconds.push_back(*probe);
        for (const Group& second : seconds) paired.push_back(compare(task, *first, second));
    }
    return paired;
}

void correct_for_number(std::vector<Paired>& paired) {
    std::vector<double> p_values;
    for (const Paired& row : paired) {
        if (row.difference.p_value) p_values.push_back(*row.difference.p_value);
    }
    const std::vector<double> adjusted = holm(p_values);
    std::size_t next = 0;
    for (Paired& row : paired) {
        if (row.difference.p_value) row.adjusted_p = adjusted[next++];
    }
}

}  // namespace

std::vector<Paired> paired_differences(const EvaluationPlan& plan,
                                       const std::vector<std::vector<TaskResult>>& results) {
    std::vector<Paired> paired;
    if (plan.contenders.empty()) return paired;
    for (std::size_t t = 0; t < results.size(); ++t) {
        const auto mine = compare_all(plan.tasks[t], plan.contenders.front().name, results[t]);
        paired.insert(paired.end(), mine.begin(), mine.end());
    }
    correct_for_number(paired);
    return paired;
}

}  // namespace clef
