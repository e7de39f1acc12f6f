#include "pretraining/options.hpp"

#include <algorithm>
#include <toml++/toml.h>

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "encoder/model.hpp"
#include "generated_presets.hpp"
#include "pretraining/option_table.hpp"

namespace clef {

namespace {

[[noreturn]] void fail_type(const std::string& where, const OptionField& field,
                            const char* expected) {
    fail_input("{}: {} takes {} ({})", where, field.name(), expected, field.comment);
}

// A TOML value into its field, with the type it must have.
struct Assign {
    const toml::node& node;
    const OptionField& field;
    const std::string& where;

    void operator()(std::string* target) const {
        const auto value = node.value_exact<std::string>();
        if (!value) fail_type(where, field, "a text in quotes");
        *target = *value;
    }
    void operator()(std::vector<std::string>* target) const {
        target->clear();
        if (const auto value = node.value_exact<std::string>()) {  // one text is a list of one
            if (!value->empty()) target->push_back(*value);
            return;
        }
        const toml::array* array = node.as_array();
        if (array == nullptr) fail_type(where, field, "texts in quotes: [\"a\", \"b\"]");
        for (const toml::node& entry : *array) {
            const auto text = entry.value_exact<std::string>();
            if (!text) fail_type(where, field, "texts in quotes: [\"a\", \"b\"]");
            target->push_back(*text);
        }
    }
    void operator()(double* target) const {
        const auto value = node.value<double>();
        if (!value || node.is_boolean()) fail_type(where, field, "a number");
        *target = *value;
    }
    void operator()(bool* target) const {
        const auto value = node.value_exact<bool>();
        if (!value) fail_type(where, field, "true or false");
        *target = *value;
    }
    template <typename Integer>
    void operator()(Integer* target) const {
        const auto value = node.value_exact<std::int64_t>();
        if (!value || *value < 0 || *value > 2'000'000'000) {
            fail_type(where, field, "a whole number from 0 to 2000000000");
        }
        *target = static_cast<Integer>(*value);
    }
};

[[noreturn]] void fail_unknown(PretrainOptions& options, const std::string& where,
                               const std::string& name) {
    std::vector<std::string> names;
    for (const OptionField& field : option_fields(options)) names.push_back(field.name());
    fail_input("{}: unknown key '{}'.{}", where, name, suggestion(name, names));
}

void assign(PretrainOptions& options, const std::string& name, const toml::node& node,
            const std::string& where) {
    const auto table = option_fields(options);
    const auto it = std::find_if(table.begin(), table.end(), [&name](const OptionField& field) {
        return field.name() == name;
    });
    if (it == table.end()) fail_unknown(options, where, name);
    std::visit(Assign{node, *it, where}, it->target);
}

toml::table parse_toml(const std::string& text, const std::string& source) {
    try {
        return toml::parse(text, source);
    } catch (const toml::parse_error& error) {
        fail_input("{}: line {}, column {}: {}", source, error.source().begin.line,
                   error.source().begin.column, error.description());
    }
}

std::string toml_value(const OptionTarget& target) {
    struct Print {
        // A JSON string is a TOML basic string.
        std::string operator()(const std::string* value) const {
            return nlohmann::json(*value).dump();
        }
        std::string operator()(const std::vector<std::string>* value) const {
            return nlohmann::json(*value).dump();
        }
        std::string operator()(const bool* value) const { return *value ? "true" : "false"; }
        std::string operator()(const double* value) const {
            const std::string text = fmt::format("{}", *value);
            return text.find_first_of(".en") == std::string::npos ? text + ".0" : text;
        }
        std::string operator()(const int* value) const { return fmt::format("{}", *value); }
        std::string operator()(const std::int64_t* value) const {
            return fmt::format("{}", *value);
        }
        std::string operator()(const std::uint64_t* value) const {
            return fmt::format("{}", *value);
        }
    };
    return std::visit(Print{}, target);
}

void check_options(const PretrainOptions& options, const std::string& source) {
    const auto require = [&source](bool good, const char* trouble) {
        if (!good) fail_input("{}: {}", source, trouble);
    };
    require(options.objective_weight >= 0 && options.beats.weight >= 0 &&
                options.beats.rhythm_weight >= 0,
            "weights must not be negative");
    require(options.objective_weight > 0 || options.beats.on(),
            "objective.weight, beats.weight and beats.rhythm_weight are all 0: nothing to learn");
    require(options.batch >= 2, "run.batch must be at least 2: a pair has no negatives otherwise");
    require(options.averaging >= 0 && options.averaging < 1,
            "optimiser.averaging must be 0 to below 1");
    require(options.steps > 0 || options.epochs > 0, "run.steps or run.epochs must be above 0");
    require(options.schedule.peak > 0, "optimiser.learning_rate must be above 0");
    require(options.checkpoints >= 1, "run.checkpoints must be at least 1");
    require(options.batches_ahead >= 1 && options.batches_ahead <= 64,
            "run.batches_ahead must be 1–64");
    require(options.peer_seconds > 0 && options.peer_seconds <= 86400,
            "run.peer_seconds must be above 0, and a day at most");
    require(options.accumulate >= 1, "optimiser.accumulate must be at least 1");
    require(options.validate_epochs >= 0, "run.validate_epochs must not be negative");
    require(options.validate_epochs > 0 || (options.patience == 0 && options.probe_task.empty()),
            "run.patience and run.probe_task need run.validate_epochs above 0");
    require(options.probe_rows >= 10, "run.probe_rows must be at least 10");
    require(options.log_every >= 1, "run.log_every must be at least 1");
    require(options.projection_norm == "none" || options.projection_norm == "batch",
            "model.projection_norm must be 'none' or 'batch'");
    require(options.projection_layers <= 4 && options.projection_width >= 1 &&
                options.projection_size >= 2,
            "the projection head has 0–4 layers, a width of at least 1 and a size of at least 2");
    architecture_shape(options.architecture);
    check_objective(options.objective);
    learning_rate(options.schedule, 0);
    check_views(options.views);
}

}  // namespace

void apply_toml(PretrainOptions& options, const std::string& text, const std::string& source) {
    const toml::table table = parse_toml(text, source);
    for (const auto& [section, node] : table) {
        const toml::table* keys = node.as_table();
        if (keys == nullptr) {
            fail_unknown(options, fmt::format("{}: line {}", source, node.source().begin.line),
                         std::string(section.str()));
        }
        for (const auto& [key, value] : *keys) {
            assign(options, fmt::format("{}.{}", section.str(), key.str()), value,
                   fmt::format("{}: line {}", source, value.source().begin.line));
        }
    }
    check_options(options, source);
}

void apply_setting(PretrainOptions& options, const std::string& setting) {
    const std::size_t equals = setting.find('=');
    const std::string where = fmt::format("--set {}", setting);
    if (equals == std::string::npos) fail_input("{}: expected section.key=value", where);
    const std::string name(trim(std::string_view(setting).substr(0, equals)));
    const std::string value(trim(std::string_view(setting).substr(equals + 1)));
    // A bare word is a text: --set objective.name=infonce, without the shell eating the quotes.
    const auto parsed = [&value] {
        try {
            return toml::parse("value = " + value);
        } catch (const toml::parse_error&) {
            return toml::table{{"value", value}};
        }
    }();
    assign(options, name, *parsed.get("value"), where);
    check_options(options, where);
}

std::vector<std::string> preset_names() {
    std::vector<std::string> names;
    for (const auto& [name, text] : embedded_presets()) names.push_back(name);
    return names;
}

PretrainOptions read_options(const std::string& preset_or_path,
                             const std::vector<std::string>& settings) {
    PretrainOptions options;
    const auto& presets = embedded_presets();
    const auto preset = std::find_if(presets.begin(), presets.end(), [&](const auto& entry) {
        return entry.first == preset_or_path;
    });
    if (preset != presets.end()) {
        apply_toml(options, preset->second, fmt::format("preset {}", preset_or_path));
    } else if (std::filesystem::exists(preset_or_path)) {
        apply_toml(options, read_text_file(preset_or_path, 1 << 20), preset_or_path);
    } else {
        fail_input("'{}' is neither a preset nor a file.{}", preset_or_path,
                   suggestion(preset_or_path, preset_names()));
    }
    for (const std::string& setting : settings) apply_setting(options, setting);
    return options;
}

std::string options_toml(const PretrainOptions& options) {
    PretrainOptions copy = options;
    std::string text;
    std::string section;
    for (const OptionField& field : option_fields(copy)) {
        if (section != field.section) {
            section = field.section;
            text += fmt::format("{}[{}]\n", text.empty() ? "" : "\n", section);
        }
        text += fmt::format("{} = {}  # {}\n", field.key, toml_value(field.target), field.comment);
    }
    return text;
}

}  // namespace clef
