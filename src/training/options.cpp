#include "training/options.hpp"

#include <algorithm>
#include <toml++/toml.h>
#include <variant>

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "encoder/model.hpp"
#include "generated_presets.hpp"

namespace clef {

namespace {

using Target = std::variant<std::string*, double*, int*, std::int64_t*, std::uint64_t*, bool*>;

struct Field {
    const char* section;
    const char* key;
    Target target;
    const char* comment;
};

// The one table that reading, setting and writing share.
std::vector<Field> fields(PretrainOptions& o) {
    return {
        {"model", "architecture", &o.architecture, "clef-small, clef-medium, clef-large"},
        {"model", "initial_model", &o.initial_model,
         "a model file to start from; empty: random weights"},
        {"model", "projection_layers", &o.projection_layers,
         "of the head between embedding and contrast; 0: none"},
        {"model", "projection_width", &o.projection_width, "hidden width of the head"},
        {"model", "projection_size", &o.projection_size, "output width of the head"},
        {"views", "first_lead", &o.views.first_lead, "a lead's name, or random"},
        {"views", "first_named_probability", &o.views.first_named_probability,
         "chance that a named first lead is taken, else a random one"},
        {"views", "second_named_probability", &o.views.second_named_probability,
         "the same of the second"},
        {"views", "second_lead", &o.views.second_lead, "random, same, released, or a lead's name"},
        {"views", "crop_seconds", &o.views.crop_seconds, "length of a view"},
        {"views", "second_crop", &o.views.second_crop, "own or same stretch of the recording"},
        {"views", "other_recordings", &o.views.other_recordings,
         "second view from another recording of the patient"},
        {"views", "time_scale", &o.views.time_scale,
         "a view runs faster or slower by a factor up to exp(this)"},
        {"views", "noise_probability", &o.views.noise_probability, "of synthetic noise in a view"},
        {"views", "noise_rms", &o.views.noise_rms, "relative to the view's own deviation"},
        {"views", "mask_probability", &o.views.mask_probability,
         "of zeroing one stretch of a view"},
        {"views", "mask_low", &o.views.mask_low,
         "shortest masked stretch, as a fraction of the view"},
        {"views", "mask_high", &o.views.mask_high, "longest"},
        {"objective", "name", &o.objective.name, "clef or infonce"},
        {"objective", "weight", &o.objective_weight,
         "of the whole objective, beside [beats]; 0: off"},
        {"objective", "form", &o.objective.form, "of clef: paper, released or interpolated"},
        {"objective", "temperature", &o.objective.temperature, "tau"},
        {"objective", "alpha", &o.objective.alpha, "floor of the clinical dissimilarity"},
        {"objective", "missing_mask", &o.objective.missing_mask, "the missing-data term M"},
        {"objective", "weighted_negatives", &o.objective.weighted_negatives,
         "off: the contrast is plain InfoNCE"},
        {"objective", "normalise_weights", &o.objective.normalise_weights,
         "ours: negatives' weights divided by their mean over the batch"},
        {"objective", "risk_scale", &o.objective.risk_scale,
         "what risks are compared as: risk, or rank among the training patients"},
        {"objective", "alignment_size", &o.objective.alignment_size,
         "width of a linear layer that L_d acts behind; 0: on the embedding itself"},
        {"objective", "alignment_weight", &o.objective.alignment_weight, "of L_d; 0: off"},
        {"beats", "weight", &o.beats.weight,
         "of predicting the twelve leads' median beats; 0: off"},
        {"beats", "rhythm_weight", &o.beats.rhythm_weight,
         "of predicting the rhythm's numbers; 0: off"},
        {"optimiser", "learning_rate", &o.schedule.peak, "highest"},
        {"optimiser", "lowest_learning_rate", &o.schedule.floor, "at the end of a cycle"},
        {"optimiser", "schedule", &o.schedule.name, "cosine-warm-restarts, cosine or constant"},
        {"optimiser", "warm_up_steps", &o.schedule.warm_up_steps, "linear, from nought"},
        {"optimiser", "first_cycle_epochs", &o.first_cycle_epochs,
         "of warm restarts (T0); each next cycle is twice as long"},
        {"optimiser", "weight_decay", &o.weight_decay, "decoupled, as in AdamW"},
        {"optimiser", "clip", &o.clip, "joint length of the gradients at most; 0: no clipping"},
        {"optimiser", "averaging", &o.averaging,
         "decay of the running average of the weights that is saved; 0: none"},
        {"run", "seed", &o.seed, "of every random draw"},
        {"run", "epochs", &o.epochs, "one epoch: every training patient once"},
        {"run", "steps", &o.steps, "instead of epochs; 0: epochs count"},
        {"run", "batch", &o.batch, "pairs of views a step"},
        {"run", "checkpoint_minutes", &o.checkpoint_minutes, "time between checkpoints"},
        {"run", "log_every", &o.log_every, "steps between lines of log.jsonl"},
        {"run", "memory_gigabytes", &o.memory_gigabytes,
         "for prepared recordings; what does not fit is prepared again"},
    };
}

std::string name_of(const Field& field) {
    return fmt::format("{}.{}", field.section, field.key);
}

[[noreturn]] void fail_type(const std::string& where, const Field& field, const char* expected) {
    fail_input("{}: {} takes {} ({})", where, name_of(field), expected, field.comment);
}

// A TOML value into its field, with the type it must have.
struct Assign {
    const toml::node& node;
    const Field& field;
    const std::string& where;

    void operator()(std::string* target) const {
        const auto value = node.value_exact<std::string>();
        if (!value) fail_type(where, field, "a text in quotes");
        *target = *value;
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
    for (const Field& field : fields(options)) names.push_back(name_of(field));
    fail_input("{}: unknown key '{}'.{}", where, name, suggestion(name, names));
}

void assign(PretrainOptions& options, const std::string& name, const toml::node& node,
            const std::string& where) {
    const auto table = fields(options);
    const auto it = std::find_if(table.begin(), table.end(),
                                 [&name](const Field& field) { return name_of(field) == name; });
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

std::string toml_value(const Target& target) {
    struct Print {
        // A JSON string is a TOML basic string.
        std::string operator()(const std::string* value) const {
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
    require(options.objective.temperature > 0, "objective.temperature must be above 0");
    require(options.objective.alpha >= 0 && options.objective.alpha <= 1,
            "objective.alpha must be 0–1");
    require(options.objective.risk_scale == "risk" || options.objective.risk_scale == "rank",
            "objective.risk_scale must be 'risk' or 'rank'");
    require(options.objective.alignment_size <= 4096, "objective.alignment_size must be 0–4096");
    require(options.objective.alignment_weight >= 0,
            "objective.alignment_weight must not be negative");
    require(options.averaging >= 0 && options.averaging < 1,
            "optimiser.averaging must be 0 to below 1");
    require(options.steps > 0 || options.epochs > 0, "run.steps or run.epochs must be above 0");
    require(options.schedule.peak > 0, "optimiser.learning_rate must be above 0");
    require(options.log_every >= 1, "run.log_every must be at least 1");
    require(options.projection_layers <= 4 && options.projection_width >= 1 &&
                options.projection_size >= 2,
            "the projection head has 0–4 layers, a width of at least 1 and a size of at least 2");
    architecture_shape(options.architecture);
    make_objective(options.objective);
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
    for (const Field& field : fields(copy)) {
        if (section != field.section) {
            section = field.section;
            text += fmt::format("{}[{}]\n", text.empty() ? "" : "\n", section);
        }
        text += fmt::format("{} = {}  # {}\n", field.key, toml_value(field.target), field.comment);
    }
    return text;
}

}  // namespace clef
