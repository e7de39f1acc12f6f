// A published checkpoint becomes a model: its tensors found, its architecture recognised, its
// numbers as float32, with the architecture's own recipe.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/file.hpp"
#include "encoder/checkpoint.hpp"
#include "encoder/model.hpp"
#include "encoder/recognise.hpp"

namespace clef {

struct ImportOptions {
    // Missing and differently shaped tensors are drawn at random, others left out, and all listed.
    bool allow_partial = false;
    bool keep_precision = false;  // float16 and bfloat16 stay; float64 always becomes float32
};

struct Imported {
    Model model;
    // One line: "PyTorch zip checkpoint, under 'state_dict', prefix 'backbone.': clef-small, …".
    std::string recognised;
    std::string partial;  // with allow_partial: what was not there, as a list; else empty
};

// `file` must be open on `source`; its pages are given back as they are read, so that the memory
// used is the model's own. Errors: InputError beginning with `source` (checkpoint.hpp,
// recognise.hpp); without allow_partial also where any tensor is missing, extra or different.
Imported import_model(const MappedFile& file, const std::string& source,
                      const ImportOptions& options = {});

// Reads the whole file where its name is that of a published one with a known checksum. Returns
// what to tell the user ("checksum agrees with …"), empty where nothing is published under that
// name. InputError where the checksum differs.
std::string check_published(const MappedFile& file, const std::filesystem::path& path);

// SHA-256 of a tensor's bytes as they lie in a model file (little-endian, row-major).
std::string tensor_digest(const Tensor& tensor);

}  // namespace clef
