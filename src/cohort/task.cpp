#include "cohort/task.hpp"

#include <algorithm>
#include <set>
#include <toml++/toml.h>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/text.hpp"

namespace clef {

namespace {

const std::vector<std::string> kinds = {"multi-label", "multi-class", "regression"};

std::vector<std::string> metrics_of(TaskKind kind) {
    if (kind == TaskKind::regression) return {"mae", "rmse", "r2"};
    return {"macro-auroc", "macro-auprc", "macro-f1", "accuracy"};
}

// Walks one task file; every failure names the file and the line.
class TaskParser {
  public:
    TaskParser(const toml::table& table, const std::string& source)
        : table_(table), source_(source) {}

    Task parse() const {
        check_keys(table_, {"name", "title", "dataset", "label", "kind", "metric", "lead",
                            "classes", "unit"});
        Task task;
        task.name = required("name");
        task.title = optional("title").value_or(task.name);
        task.dataset = optional("dataset").value_or("");
        task.label = required("label");
        task.kind = one_of<TaskKind>("kind", required("kind"), kinds);
        task.lead = optional("lead");
        task.unit = optional("unit").value_or("");
        const std::vector<std::string> metrics = metrics_of(task.kind);
        task.metric = optional("metric").value_or(metrics.front());
        one_of<std::size_t>("metric", task.metric, metrics);
        task.classes = classes();
        check_classes(task);
        return task;
    }

  private:
    template <typename... Args>
    [[noreturn]] void fail(const toml::node* node, fmt::format_string<Args...> format,
                           Args&&... args) const {
        const std::string where =
            node == nullptr ? "" : fmt::format("line {}: ", node->source().begin.line);
        fail_input("{}: {}{}", source_, where, fmt::format(format, std::forward<Args>(args)...));
    }

    void check_keys(const toml::table& table, const std::vector<std::string>& known) const {
        for (const auto& [key, node] : table) {
            const std::string name(key.str());
            if (std::find(known.begin(), known.end(), name) == known.end()) {
                fail(&node, "unknown key '{}'.{}", name, suggestion(name, known));
            }
        }
    }

    std::optional<std::string> text_in(const toml::table& table, const char* key) const {
        const toml::node* node = table.get(key);
        if (node == nullptr) return std::nullopt;
        const auto text = node->value_exact<std::string>();
        if (!text || trim(*text).empty()) fail(node, "'{}' must be a non-empty text", key);
        return text;
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
        std::set<std::string> seen;
        for (const toml::node& item : *list) {
            result.push_back(one_class(item));
            const std::string& code = result.back().code;
            if (!seen.insert(code).second) fail(&item, "class '{}' appears twice", code);
        }
        return result;
    }

    TaskClass one_class(const toml::node& item) const {
        TaskClass result;
        if (const toml::table* table = item.as_table()) {
            check_keys(*table, {"code", "name"});
            const auto code = text_in(*table, "code");
            if (!code) fail(&item, "a class without 'code'");
            result.code = *code;
            result.name = text_in(*table, "name").value_or(*code);
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

    void check_classes(const Task& task) const {
        const bool regression = task.kind == TaskKind::regression;
        const toml::node* node = table_.get("classes");
        if (regression && node != nullptr) fail(node, "a regression has no 'classes'");
        const std::size_t least = task.kind == TaskKind::multi_class ? 2 : 1;
        if (!regression && task.classes.size() < least) {
            fail(node, "a {} task needs 'classes' with at least {}", task_kind_name(task.kind),
                 least);
        }
        if (!regression && !task.unit.empty()) {
            fail(table_.get("unit"), "only a regression has a 'unit'");
        }
    }

    const toml::table& table_;
    const std::string& source_;
};

}  // namespace

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
