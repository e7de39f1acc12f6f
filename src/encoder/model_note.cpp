#include "encoder/model_note.hpp"

#include "base/error.hpp"

namespace clef {

namespace {

using Json = nlohmann::json;

// Without a version: 0, the layout before there was one.
void check_version(const Json& note, const std::string& source) {
    const auto it = note.find("version");
    if (it == note.end()) return;
    if (!it->is_number_unsigned() || it->get<std::uint64_t>() > model_file_version) {
        fail_input("{}: version {} of clef's model files; this program reads 0–{}: get a newer one",
                   source, it->is_string() ? it->get<std::string>() : it->dump(),
                   model_file_version);
    }
}

void check_agreement(const Model& model, const std::string& source) {
    const int leads = model_input_leads(model);
    if (leads != static_cast<int>(model.recipe.leads.size())) {
        fail_input("{}: the encoder takes {} leads, its recipe names {}", source, leads,
                   model.recipe.leads.size());
    }
}

}  // namespace

nlohmann::json model_note(const Model& model) {
    Json architecture = model_config(model);
    architecture["name"] = model.architecture;
    Json note = {{"version", model_file_version},
                 {"architecture", architecture},
                 {"recipe", recipe_json(model.recipe)},
                 {"labels", model.labels},
                 {"provenance", model.provenance}};
    if (!model.head.is_null()) note["head"] = model.head;
    return note;
}

Model model_of_note(const nlohmann::json& note, const std::string& source) {
    Model model;
    try {
        check_version(note, source);
        const Json& architecture = note.at("architecture");
        model.architecture = architecture.at("name").get<std::string>();
        try {
            set_model_config(model, architecture);
        } catch (const InputError& error) {
            fail_input("{}: {}", source, error.what());
        }
        model.recipe = parse_recipe(note.at("recipe"), source);
        model.labels = note.at("labels").get<std::vector<std::string>>();
        model.provenance = note.at("provenance");
        if (note.contains("head")) model.head = note.at("head");
    } catch (const Json::exception& error) {
        fail_input("{}: metadata: {}", source, error.what());
    }
    check_agreement(model, source);
    return model;
}

nlohmann::json parse_note(std::string_view text, const std::string& source) {
    static constexpr int deepest = 100;  // printing it again is recursive
    const auto shallow = [&source](int depth, Json::parse_event_t, Json&) {
        if (depth > deepest) fail_input("{}: metadata nested more than {} deep", source, deepest);
        return true;
    };
    try {
        return Json::parse(text, shallow);
    } catch (const Json::exception& error) {
        fail_input("{}: metadata: {}", source, error.what());
    }
}

}  // namespace clef
