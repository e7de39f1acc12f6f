// Which built-in encoder a set of named tensors is: the one whose names and shapes match best.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "encoder/architecture.hpp"
#include "encoder/checkpoint.hpp"

namespace clef {

struct Recognition {
    const Architecture* architecture = nullptr;  // none where a note names the model
    std::string name;                            // of the architecture
    int leads = 0;
    nlohmann::json config;
    const TensorGroup* group = nullptr;
    std::shared_ptr<const TensorGroup> renamed = {};  // the group, where it is not the file's own
    std::vector<TensorSpec> specs;
    std::size_t matched = 0;
    // What keeps it from being complete, ready for a person.
    std::vector<std::string> missing;    // "x (y of the same shape is there: renamed?)"
    std::vector<std::string> different;  // "x float32 (3, 4) (expected float32 (3, 5))"
    std::vector<std::string> extra;      // not of this encoder, beside its tensors
    std::size_t left_out = 0;            // tensors elsewhere: other containers, other prefixes

    bool complete() const { return missing.empty() && different.empty() && extra.empty(); }
};

// Floats of any precision stand for float32. InputError beginning with `source` where nothing
// matches at least half of an encoder, or where two places match equally well.
Recognition recognise(const Checkpoint& checkpoint, const std::string& source);

// For a checkpoint whose note says what it is: its tensors against that model's.
struct Model;
Recognition compare_with(const Model& model, const Checkpoint& checkpoint);

// "254 of 257 tensors of clef-small match", and the lists, the first dozen of each.
std::string mismatch_text(const Recognition& recognition);

// Whether a stored element type can stand for the expected one: any float for float32, and for
// int64, because who halves every tensor halves batch-norm's counters too.
bool stands_for(ElementType stored, ElementType expected);

}  // namespace clef
