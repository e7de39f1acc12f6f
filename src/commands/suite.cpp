#include "commands/suite.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "cohort/toml_keys.hpp"

namespace clef {
namespace {

class SuiteParser : private TomlKeys {
  public:
    SuiteParser(const toml::table& table, std::string source, std::filesystem::path folder)
        : TomlKeys(std::move(source)), table_(table), folder_(std::move(folder)) {}

    Suite parse() const {
        check_keys(table_, {"name", "title", "protocols", "seeds", "fractions", "options", "data",
                            "models", "tasks"});
        Suite suite;
        suite.name = text(table_, "name");
        suite.title = text_in(table_, "title").value_or(suite.name);
        if (const auto protocols = texts_in(table_, "protocols"); !protocols.empty()) {
            suite.plan.protocols = protocols;
        }
        if (table_.contains("seeds")) {
            suite.plan.seeds.clear();
            for (const double seed : numbers("seeds")) {
                if (seed < 0 || seed != std::floor(seed)) {
                    fail(table_.get("seeds"), "'seeds' must be whole numbers");
                }
                suite.plan.seeds.push_back(static_cast<std::uint64_t>(seed));
            }
        }
        if (table_.contains("fractions")) suite.plan.fractions = numbers("fractions");
        read_options(suite.plan);
        suite.data = items("data", "cohort");
        suite.models = items("models", "file");
        read_tasks(suite);
        return suite;
    }

  private:
    std::string text(const toml::table& table, const char* key) const {
        if (const auto value = text_in(table, key)) return *value;
        fail(&table, "no '{}'", key);
    }
    std::vector<double> numbers(const char* key) const {
        const toml::array* list = table_.get(key)->as_array();
        std::vector<double> result;
        for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
            const auto value = (*list)[i].value<double>();
            if (!(*list)[i].is_number() || !value) break;
            result.push_back(*value);
        }
        if (list == nullptr || list->empty() || result.size() != list->size()) {
            fail(table_.get(key), "'{}' must be a list of numbers", key);
        }
        return result;
    }

    template <typename Number>
    void read_number(const toml::table& table, const char* key, Number& target,
                     double least) const {
        const toml::node* node = table.get(key);
        if (node == nullptr) return;
        const auto value = node->value<double>();
        const bool whole = !std::is_floating_point_v<Number>;
        if (!node->is_number() || !value || !(*value >= least) || *value > 1e6 ||
            (whole && *value != std::floor(*value))) {
            fail(node, "'{}' must be a {}number of at least {:g}", key, whole ? "whole " : "",
                 least);
        }
        target = static_cast<Number>(*value);
    }
    void read_options(EvaluationPlan& plan) const {
        const toml::node* node = table_.get("options");
        if (node == nullptr) return;
        const toml::table* table = node->as_table();
        if (table == nullptr) fail(node, "'options' must be a table");
        check_keys(*table, {"random_seeds", "epochs", "patience", "batch", "learning_rate",
                            "layer_decay", "crop_seconds", "heads", "windows", "resamples"});
        read_number(*table, "random_seeds", plan.random_seeds, 1);
        read_number(*table, "epochs", plan.fine_tune.steps.epochs, 1);
        read_number(*table, "patience", plan.fine_tune.steps.patience, 1);
        read_number(*table, "batch", plan.fine_tune.steps.batch, 1);
        read_number(*table, "learning_rate", plan.fine_tune.steps.learning_rate, 1e-12);
        read_number(*table, "layer_decay", plan.fine_tune.layer_decay, 0);
        read_number(*table, "crop_seconds", plan.fine_tune.crop_seconds, 0);
        read_number(*table, "heads", plan.attention.heads, 1);
        read_number(*table, "windows", plan.most_windows, 0);
        read_number(*table, "resamples", plan.probe.scoring.bootstrap.resamples, 100);
    }

    // The tables of [[key]].
    std::vector<const toml::table*> tables(const char* key) const {
        const toml::node* node = table_.get(key);
        const toml::array* list = node == nullptr ? nullptr : node->as_array();
        std::vector<const toml::table*> result;
        for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
            result.push_back((*list)[i].as_table());
            if (result.back() == nullptr)
                fail(&(*list)[i], "'{}' must be tables, [[{}]]", key, key);
        }
        if (result.empty()) fail(node, "no [[{}]]", key);
        return result;
    }
    std::vector<SuiteItem> items(const char* key, const char* file_key) const {
        std::vector<SuiteItem> result;
        for (const toml::table* table : tables(key)) {
            check_keys(*table, {"name", file_key, "from", "architecture"});
            SuiteItem item;
            item.name = text(*table, "name");
            item.file = folder_ / text(*table, file_key);
            item.from = text_in(*table, "from").value_or("");
            item.architecture = text_in(*table, "architecture").value_or("");
            if (!item.architecture.empty()) find_architecture(item.architecture);
            for (const SuiteItem& other : result) {
                if (other.name == item.name) fail(table, "'{}' appears twice", item.name);
            }
            result.push_back(std::move(item));
        }
        return result;
    }
    void read_tasks(Suite& suite) const {
        std::vector<std::string> names;
        for (const SuiteItem& item : suite.data) names.push_back(item.name);
        std::set<std::string> seen;
        for (const toml::table* table : tables("tasks")) {
            check_keys(*table, {"task", "data", "lead", "lead_as", "pad", "skip_bad"});
            SuiteTask task;
            task.source = text(*table, "task");
            const bool is_file = task.source.ends_with(".toml");
            task.task = find_task(is_file ? (folder_ / task.source).string() : task.source);
            if (!seen.insert(task.task.name).second) {
                fail(table, "task '{}' appears twice", task.task.name);
            }
            for (const std::string& data : texts_in(*table, "data")) {
                const auto it = std::find(names.begin(), names.end(), data);
                if (it == names.end()) {
                    fail(table->get("data"), "no data '{}'.{}", data, suggestion(data, names));
                }
                task.data.push_back(static_cast<std::size_t>(it - names.begin()));
            }
            if (task.data.empty()) fail(table, "a task needs 'data'");
            if (const auto lead = text_in(*table, "lead")) {
                task.leads = {*lead};
            } else if (task.task.lead) {
                task.leads = {*task.task.lead};
            }
            task.leads_as = texts_in(*table, "lead_as");
            task.pad = flag_in(*table, "pad");
            task.skip_bad = flag_in(*table, "skip_bad");
            suite.tasks.push_back(std::move(task));
        }
    }

    const toml::table& table_;
    std::filesystem::path folder_;
};

}  // namespace

Suite read_suite(const std::filesystem::path& file, const std::filesystem::path& folder) {
    constexpr std::uintmax_t most = 1 << 20;
    const std::string text = read_text_file(file, most);
    try {
        const toml::table table = toml::parse(text, file.string());
        return SuiteParser(table, file.string(), folder).parse();
    } catch (const toml::parse_error& error) {
        fail_input("{}: line {}, column {}: {}", file.string(), error.source().begin.line,
                   error.source().begin.column, error.description());
    }
}

namespace {

std::vector<std::string> missing(const std::vector<SuiteItem>& items, const char* what) {
    std::vector<std::string> lines;
    for (const SuiteItem& item : items) {
        if (item.exists()) continue;
        lines.push_back(fmt::format("{} {}: no file {}{}", what, item.name, item.file.string(),
                                    item.from.empty() ? "" : ". Get it: " + item.from));
    }
    return lines;
}

}  // namespace

std::vector<std::string> missing_data(const Suite& suite) {
    return missing(suite.data, "data");
}

std::vector<std::string> missing_models(const Suite& suite) {
    return missing(suite.models, "model");
}

void keep_available(Suite& suite) {
    std::erase_if(suite.tasks, [&](const SuiteTask& task) {
        return std::any_of(task.data.begin(), task.data.end(),
                           [&](std::size_t data) { return !suite.data[data].exists(); });
    });
    if (suite.tasks.empty()) {
        fail_input("suite {}: there are no data for any of its tasks:\n  {}", suite.name,
                   join(missing_data(suite), "\n  "));
    }
}

}  // namespace clef
