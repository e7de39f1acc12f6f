#include "evaluation/headed_model.hpp"

#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "encoder/model_head.hpp"

namespace clef {
namespace {

using Json = nlohmann::json;

// A class that could not be learnt has an infinite intercept; this much is as certain.
constexpr double certain = 1e4;

// The head on the embedding in front of the encoder's dense layer.
LinearHead without_dense(const Model& encoder, const LinearHead& head) {
    if (!encoder.tensors.contains("dense.weight")) return head;
    const auto weights = encoder.tensors.at("dense.weight").floats();
    const auto biases = encoder.tensors.at("dense.bias").floats();
    const auto width = static_cast<std::size_t>(model_embedding_size(encoder));
    LinearHead result = head;
    result.weights = Matrix(head.weights.rows, width);
    for (std::size_t k = 0; k < head.weights.rows; ++k) {
        for (std::size_t j = 0; j < head.weights.columns; ++j) {
            const double factor = head.weights.at(k, j);
            result.intercepts[k] += factor * biases[j];
            for (std::size_t d = 0; d < width; ++d) {
                result.weights.at(k, d) += factor * weights[j * width + d];
            }
        }
    }
    return result;
}

Activation activation_of(const TaskResult& result) {
    if (result.task.kind == TaskKind::regression) return Activation::identity;
    if (result.task.kind == TaskKind::multi_label) return Activation::sigmoid;
    return result.encoder ? Activation::softmax : Activation::one_against_rest;
}

Json head_json(const TaskResult& result) {
    Json head = {{"task", result.task.name},
                 {"title", result.task.title},
                 {"kind", task_kind_name(result.task.kind)},
                 {"activation", activation_name(activation_of(result))},
                 {"protocol", result.protocol},
                 {"seed", result.seed},
                 {"fraction", result.fraction},
                 {"training_rows", result.fitted_rows},
                 {"program", CLEF_VERSION}};
    if (result.task.kind == TaskKind::regression) {
        head["unit"] = result.task.unit;
        return head;
    }
    head["names"] = Json::array();
    for (const TaskClass& one : result.task.classes) head["names"].push_back(one.name);
    if (result.task.kind == TaskKind::multi_label) {
        head["thresholds"] = Json::array();  // of highest F1 on the validation rows
        for (const ClassResult& one : result.scores.classes) {
            head["thresholds"].push_back(one.threshold ? Json(*one.threshold) : Json(nullptr));
        }
    }
    return head;
}

}  // namespace

Model headed_model(const Model& encoder, const TaskResult& result) {
    if (result.head.intercepts.empty()) {
        fail_input(
            "the protocol {} has no head that a model file could hold: save those of probe "
            "and finetune",
            result.protocol);
    }
    const bool tuned = result.encoder != nullptr;
    const LinearHead head = tuned ? result.head : without_dense(encoder, result.head);
    Model model = tuned ? *result.encoder : encoder;
    model.labels.clear();
    if (result.task.kind == TaskKind::regression) {
        model.labels = {result.task.label};
    } else {
        for (const TaskClass& one : result.task.classes) model.labels.push_back(one.code);
    }
    const auto outputs = static_cast<int>(model.labels.size());
    set_model_outputs(model, outputs);
    std::vector<float> weights(head.weights.values.begin(), head.weights.values.end());
    std::vector<float> biases;
    for (const double value : head.intercepts) {
        biases.push_back(static_cast<float>(std::isfinite(value) ? value
                                            : value > 0          ? certain
                                                                 : -certain));
    }
    model.tensors["dense.weight"] = Tensor::from({outputs, model_embedding_size(model)}, weights);
    model.tensors["dense.bias"] = Tensor::from({outputs}, biases);
    model.head = head_json(result);
    return model;
}

HeadDescription describe_head(const Model& model, const std::string& source) {
    HeadDescription result;
    result.labels = model.labels;
    if (model.labels.empty()) {
        fail_input(
            "{}: an encoder without labelled outputs: it gives embeddings, not predictions. "
            "Expected a file that `clef evaluate --save-heads` wrote, or one with labels of its "
            "own, as ECGFounder's",
            source);
    }
    if (model.labels.size() != static_cast<std::size_t>(model_outputs(model))) {
        fail_input("{}: {} labels for {} outputs", source, model.labels.size(),
                   model_outputs(model));
    }
    if (model.head.is_null()) return result;
    try {
        result.task = model.head.at("task").get<std::string>();
        result.activation = activation_from(model.head.at("activation").get<std::string>());
        result.unit = model.head.value("unit", "");
    } catch (const Json::exception& error) {
        fail_input("{}: clef.head: {}", source, error.what());
    } catch (const InputError& error) {
        fail_input("{}: clef.head: {}", source, error.what());
    }
    return result;
}

}  // namespace clef
