// A head for a task in a model file: a dense layer ("dense.weight", "dense.bias") on the embedding.
// Net1D has one of its own (Net1dShape::outputs); of every other family it is a number beside the
// family's own, "outputs" in Model::config, and two tensors beside the encoder's.
#pragma once

#include "encoder/model.hpp"

namespace clef {

int model_labelled_outputs(const Model& model);  // 0: an embedding
int model_embedding_size(const Model& model);    // in front of a dense layer

// 0: none. The tensors are the caller's to set.
void set_model_outputs(Model& model, int outputs);

// The model without its dense layer and what belongs to it: labels, clef.head, the two tensors.
Model without_head(const Model& model);

}  // namespace clef
