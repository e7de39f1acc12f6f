#include "commands/stored_results.hpp"

#include <cctype>
#include <cmath>
#include <fmt/format.h>

#include "base/csv.hpp"
#include "base/digest.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "base/text.hpp"

namespace clef {
namespace {

using Json = nlohmann::json;

Json epochs_json(const TaskResult& result) {
    Json epochs = Json::array();
    for (const Epoch& epoch : result.epochs) {
        epochs.push_back({epoch.training_loss, epoch.validation_loss});
    }
    return epochs;
}

Json candidates_json(const TaskResult& result) {
    Json candidates = Json::array();
    for (const ProbeCandidate& one : result.candidates) {
        candidates.push_back({one.settings.standardise, one.settings.balanced, one.settings.c,
                              one.settings.alpha, one.validation_loss});
    }
    return candidates;
}

ProbeCandidate candidate_of(const Json& json) {
    return {{json.at(0).get<bool>(), json.at(1).get<bool>(), json.at(2).get<double>(),
             json.at(3).get<double>()},
            json.at(4).get<double>()};
}

void read_note(const Json& note, TaskResult& result) {
    result.model = note.at("model").get<std::string>();
    result.protocol = note.at("protocol").get<std::string>();
    result.fraction = note.at("fraction").get<double>();
    result.seed = note.at("seed").get<std::uint64_t>();
    result.settings_text = note.at("chosen").get<std::string>();
    result.unlearnt_classes = note.at("unlearnt_classes").get<std::vector<std::string>>();
    result.fitted_rows = note.at("fitted_rows").get<std::size_t>();
    for (const Json& epoch : note.at("epochs")) {
        result.epochs.push_back({epoch.at(0).get<double>(), epoch.at(1).get<double>()});
    }
    result.best_epoch = note.at("best_epoch").get<std::size_t>();
    for (const Json& one : note.at("candidates")) result.candidates.push_back(candidate_of(one));
    if (!note.at("settings").is_null()) result.settings = candidate_of(note["settings"]).settings;
    result.seconds = note.at("seconds").get<double>();
}

// False where the file is not of these rows.
bool read_predictions(const std::filesystem::path& path, const Cohort& cohort,
                      Matrix& predictions) {
    const CsvTable table = read_csv(path);
    if (table.rows.size() != cohort.rows.size() || table.columns.size() < 2) return false;
    predictions = Matrix(table.rows.size(), table.columns.size() - 1);
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
        if (table.rows[i][0] != cohort.rows[i].record) return false;
        for (std::size_t k = 0; k < predictions.columns; ++k) {
            const auto value = parse_double(table.rows[i][k + 1]);
            if (!value) return false;
            predictions.at(i, k) = *value;
        }
    }
    return true;
}

Json classes_json(const Task& task) {
    Json classes = Json::array();
    const auto number = [](const std::optional<double>& value) {
        return value ? Json(*value) : Json(nullptr);
    };
    for (const TaskClass& one : task.classes) {
        classes.push_back({one.code, one.values, one.contains, number(one.at_least),
                           number(one.below), one.otherwise});
    }
    return classes;
}

Json split_json(const Task& task) {
    if (!task.split) return nullptr;
    if (task.split->patients) return *task.split->patients;
    Json parts = Json::array();
    for (const auto& part : task.split->parts) {
        parts.push_back(Json::array());
        for (const SplitCondition& condition : part) {
            parts.back().push_back({condition.column, condition.values});
        }
    }
    return parts;
}

}  // namespace

Json task_json(const Task& task) {
    return {{"name", task.name},
            {"labels", task.label_columns()},
            {"kind", task_kind_name(task.kind)},
            {"classes", classes_json(task)},
            {"ignore_unlisted", task.ignore_unlisted},
            {"per_patient", task.per_patient},
            {"split", split_json(task)}};
}

StoredResults::StoredResults(std::filesystem::path folder, const EvaluationPlan& plan,
                             const Cohort& cohort, Json about, std::vector<std::string> models)
    : folder_(std::move(folder)),
      plan_(plan),
      cohort_(cohort),
      about_(std::move(about)),
      models_(std::move(models)) {}

std::string StoredResults::key_of(const EvaluationUnit& unit) const {
    const Json key = {{"about", about_},
                      {"task", task_json(plan_.tasks[unit.task])},
                      {"model", models_.at(unit.contender)},
                      {"protocol", unit.protocol},
                      {"fraction", unit.fraction},
                      {"seed", unit.seed}};
    const std::string text = key.dump();
    return sha256(std::as_bytes(std::span(text)));
}

std::filesystem::path StoredResults::file_of(const EvaluationUnit& unit) const {
    std::string name =
        fmt::format("{}-{}-{}-{:g}-{}", plan_.tasks[unit.task].name,
                    plan_.contenders[unit.contender].name, unit.protocol, unit.fraction, unit.seed);
    if (plan_.contenders[unit.contender].random) {  // of several architectures, one name
        const std::string& model = models_.at(unit.contender);
        name += fmt::format("-{:.6}", sha256(std::as_bytes(std::span(model))));
    }
    for (char& c : name) {
        if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '-' && c != '.') c = '-';
    }
    return folder_ / name;
}

std::optional<TaskResult> StoredResults::load(const EvaluationUnit& unit) const {
    const std::filesystem::path file = file_of(unit);
    const std::filesystem::path note_file = file.string() + ".json";
    if (!std::filesystem::exists(note_file)) return std::nullopt;
    const Json note = Json::parse(read_text_file(note_file), nullptr, false);
    if (note.is_discarded() || note.value("key", "") != key_of(unit)) return std::nullopt;
    TaskResult result;
    result.task = plan_.tasks[unit.task];
    try {
        read_note(note, result);
    } catch (const Json::exception& error) {
        fail_input("{}: {}; remove it to compute that result again", note_file.string(),
                   error.what());
    }
    if (!read_predictions(file.string() + ".csv", cohort_, result.predictions)) return std::nullopt;
    result.scores =
        score_predictions(result.predictions, rows_of(apply_split(cohort_, result.task)),
                          result.task, make_targets(cohort_, result.task), plan_.probe.scoring);
    return result;
}

void StoredResults::save(const EvaluationUnit& unit, const TaskResult& result) const {
    make_folder(folder_);
    const std::filesystem::path file = file_of(unit);
    AtomicFile predictions(file.string() + ".csv");
    std::vector<std::string> cells = {"record"};
    for (std::size_t k = 0; k < result.predictions.columns; ++k) {
        cells.push_back(result.task.classes.empty() ? result.task.label
                                                    : result.task.classes[k].code);
    }
    predictions.write(csv_line(cells));
    for (std::size_t i = 0; i < result.predictions.rows; ++i) {
        cells = {cohort_.rows[i].record};
        for (const double value : result.predictions.row(i)) {
            cells.push_back(fmt::format("{}", value));
        }
        predictions.write(csv_line(cells));
    }
    predictions.commit();
    Json note = {{"key", key_of(unit)},
                 {"model", result.model},
                 {"protocol", result.protocol},
                 {"fraction", result.fraction},
                 {"seed", result.seed},
                 {"chosen", result.settings_text},
                 {"unlearnt_classes", result.unlearnt_classes},
                 {"fitted_rows", result.fitted_rows},
                 {"epochs", epochs_json(result)},
                 {"best_epoch", result.best_epoch},
                 {"candidates", candidates_json(result)},
                 {"settings", nullptr},
                 {"seconds", result.seconds}};
    if (!result.candidates.empty()) {
        const ProbeSettings& chosen = result.settings;
        note["settings"] = {chosen.standardise, chosen.balanced, chosen.c, chosen.alpha, 0};
    }
    write_file(file.string() + ".json", note.dump() + "\n");
}

}  // namespace clef
