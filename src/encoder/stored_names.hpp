// The tensors of a published file under an encoder's own names: renamed, and without those that it
// does not need (Family::stored_name).
#pragma once

#include <memory>
#include <string>

#include "encoder/architecture.hpp"
#include "encoder/checkpoint.hpp"

namespace clef {

// The same place, other names. Views of the same bytes.
std::shared_ptr<const TensorGroup> under_own_names(const TensorGroup& stored, const Family& family);

// A tensor stored under two names must hold the same numbers under both: else an InputError,
// beginning with `source`, names the two.
void check_second_names(const TensorGroup& stored, const Family& family, const std::string& source);

}  // namespace clef
