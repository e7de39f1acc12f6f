#include "cohort/task.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "cohort/toml_keys.hpp"

namespace clef {

namespace {

const std::vector<std::string> kinds = {"multi-label", "multi-class", "regression"};

std::vector<std::string> metrics_of(TaskKind kind) {
    if (kind == TaskKind::regression) return {"mae", "rmse", "r2"};
    return {"macro-auroc", "macro-auprc", "macro-f1", "accuracy"};
}

// Walks one task file; every failure names the file and the line.
class TaskParser : private TomlKeys {
  public:
    TaskParser(const toml::table& table, const std::string& source)
        : TomlKeys(source), table_(table) {}

    Task parse() const {
        check_keys(table_, {"name", "title", "dataset", "label", "kind", "metric", "lead",
                            "classes", "unlisted", "unit", "per", "split"});
        Task task;
        task.name = required("name");
        task.title = optional("title").value_or(task.name);
        task.dataset = join(texts_in(table_, "dataset"), ", ");
        task.labels = texts_in(table_, "label");
        if (task.labels.empty()) task.labels = {required("label")};
        task.label = join(task.labels, ", ");
        task.kind = one_of<TaskKind>("kind", required("kind"), kinds);
        task.lead = optional("lead");
        task.unit = optional("unit").value_or("");
        task.per_patient = one_of<int>("per", optional("per").value_or("recording"),
                                       {"recording", "patient"}) == 1;
        const std::vector<std::string> metrics = metrics_of(task.kind);
        task.metric = optional("metric").value_or(metrics.front());
        one_of<std::size_t>("metric", task.metric, metrics);
        task.classes = classes();
        task.ignore_unlisted = one_of<int>("unlisted", optional("unlisted").value_or("error"),
                                           {"error", "ignore"}) == 1;
        task.split = split();
        check_classes(task);
        return task;
    }

  private:
    std::optional<double> number_in(const toml::table& table, const char* key) const {
        const toml::node* node = table.get(key);
        if (node == nullptr) return std::nullopt;
        const auto value = node->value<double>();
        if (!node->is_number() || !value || !std::isfinite(*value)) {
            fail(node, "'{}' must be a number", key);
        }
        return value;
    }
    std::optional<std::string> optional(const char* key) const { return text_in(table_, key); }
    std::string required(const char* key) const {
        if (const auto text = optional(key)) return *text;
        fail(nullptr, "no '{}'; a task needs name, label and kind", key);
    }

    template <typename Result>
    Result one_of(const char* key, const std::string& word,
                  const std::vector<std::string>& known) const {
        const auto it = std::find(known.begin(), known.end(), word);
        if (it == known.end()) {
            fail(table_.get(key), "'{}' is '{}'.{}", key, word, suggestion(word, known));
        }
        return static_cast<Result>(it - known.begin());
    }

    std::vector<TaskClass> classes() const {
        const toml::node* node = table_.get("classes");
        if (node == nullptr) return {};
        const toml::array* list = node->as_array();
        if (list == nullptr) fail(node, "'classes' must be a list");
        std::vector<TaskClass> result;
        std::set<std::string> seen, values;
        for (const toml::node& item : *list) {
            result.push_back(one_class(item));
            const TaskClass& one = result.back();
            if (!seen.insert(one.code).second) fail(&item, "class '{}' appears twice", one.code);
            const std::vector<std::string> own =
                one.has_rule() ? one.values : std::vector<std::string>{one.code};
            for (const std::string& value : own) {
                if (!values.insert(value).second) {
                    fail(&item, "class '{}': '{}' counts as another class already", one.code,
                         value);
                }
            }
        }
        return result;
    }

    TaskClass one_class(const toml::node& item) const {
        TaskClass result;
        if (const toml::table* table = item.as_table()) {
            check_keys(*table,
                       {"code", "name", "values", "contains", "at_least", "below", "otherwise"});
            const auto code = text_in(*table, "code");
            if (!code) fail(&item, "a class without 'code'");
            result.code = *code;
            result.name = text_in(*table, "name").value_or(*code);
            read_rule(*table, result);
        } else if (const auto text = item.value_exact<std::string>()) {
            result.code = result.name = *text;
        } else {
            fail(&item, "a class must be a text or {{code = …, name = …}}");
        }
        if (result.code != trim(result.code) || result.code.empty() ||
            result.code.find(';') != std::string::npos) {
            fail(&item, "class '{}': a code has no ';' and no blanks at its ends", result.code);
        }
        return result;
    }

    void read_rule(const toml::table& table, TaskClass& one) const {
        one.values = texts_in(table, "values");
        one.contains = texts_in(table, "contains");
        one.at_least = number_in(table, "at_least");
        one.below = number_in(table, "below");
        if (one.at_least && one.below && *one.at_least >= *one.below) {
            fail(table.get("below"), "'below' must be over 'at_least'");
        }
        one.otherwise = flag_in(table, "otherwise");
    }

    std::optional<SplitRule> split() const {
        const toml::node* node = table_.get("split");
        if (node == nullptr) return std::nullopt;
        const toml::table* table = node->as_table();
        if (table == nullptr) fail(node, "'split' must be a table");
        check_keys(*table, {"train", "val", "test", "patients"});
        SplitRule rule;
        rule.patients = percentages(*table);
        constexpr std::array<const char*, 3> names = {"train", "val", "test"};
        for (std::size_t i = 0; i < names.size(); ++i) {
            const toml::node* part = table->get(names[i]);
            if ((part != nullptr) == rule.patients.has_value()) {
                fail(node, "a split is train, val and test, or patients");
            }
            if (part != nullptr) rule.parts[i] = conditions(*part, names[i]);
        }
        return rule;
    }

    std::optional<std::array<double, 3>> percentages(const toml::table& table) const {
        const toml::node* node = table.get("patients");
        if (node == nullptr) return std::nullopt;
        const toml::array* list = node->as_array();
        std::array<double, 3> result{};
        double sum = 0;
        bool good = list != nullptr && list->size() == 3;
        for (std::size_t i = 0; good && i < 3; ++i) {
            const auto value = (*list)[i].value<double>();
            good = value && *value >= 0 && *value <= 100;
            if (good) sum += result[i] = *value;
        }
        if (!good || std::abs(sum - 100) > 1e-9) {
            fail(node, "'patients' must be three percentages of train, val and test, 100 together");
        }
        return result;
    }

    std::vector<SplitCondition> conditions(const toml::node& node, const char* name) const {
        const toml::table* table = node.as_table();
        if (table == nullptr || table->empty()) {
            fail(&node, "'{}' must be a table such as {{ dataset = \"ptbxl\" }}", name);
        }
        std::vector<SplitCondition> result;
        for (const auto& [column, value] : *table) {
            result.push_back({std::string(column.str()), texts_in(*table, column.str())});
        }
        return result;
    }

    void check_classes(const Task& task) const {
        const bool regression = task.kind == TaskKind::regression;
        const toml::node* node = table_.get("classes");
        if (regression && node != nullptr) fail(node, "a regression has no 'classes'");
        const std::size_t least = task.kind == TaskKind::multi_class ? 2 : 1;
        if (!regression && task.classes.size() < least) {
            fail(node, "a {} task needs 'classes' with at least {}", task_kind_name(task.kind),
                 least);
        }
        if (task.labels.size() > 1 && task.kind != TaskKind::multi_label) {
            fail(table_.get("label"), "only a multi-label task reads several columns");
        }
        const auto last = [](const TaskClass& one) { return one.otherwise; };
        if (std::count_if(task.classes.begin(), task.classes.end(), last) > 1) {
            fail(node, "only one class can have 'otherwise'");
        }
        if (!regression && !task.unit.empty()) {
            fail(table_.get("unit"), "only a regression has a 'unit'");
        }
    }

    const toml::table& table_;
};

}  // namespace

bool TaskClass::has_rule() const {
    return !values.empty() || !contains.empty() || at_least || below || otherwise;
}

std::vector<std::string> Task::label_columns() const {
    return labels.empty() ? std::vector<std::string>{label} : labels;
}

std::string_view task_kind_name(TaskKind kind) {
    return kinds[static_cast<std::size_t>(kind)];
}

Task parse_task(std::string_view toml, const std::string& source) {
    try {
        const toml::table table = toml::parse(toml, source);
        return TaskParser(table, source).parse();
    } catch (const toml::parse_error& error) {
        fail_input("{}: line {}, column {}: {}", source, error.source().begin.line,
                   error.source().begin.column, error.description());
    }
}

Task read_task(const std::filesystem::path& path) {
    constexpr std::uintmax_t most = 1 << 20;
    return parse_task(read_text_file(path, most), path.string());
}

}  // namespace clef
