// Where a run computes and how: options run.device, run.precision, run.replay, run.deterministic.
#pragma once

#include "pretraining/options.hpp"
#include "training/encoder_pass.hpp"

namespace clef {

// auto: the GPU number local_rank (counted round), where libtorch sees one, else the processor.
// cuda: the same, and an InputError where there is none. Errors also for an unknown name and a GPU
// number that is not there.
torch::Device training_device(const std::string& name, int local_rank);

// InputError for an unknown precision: float32, tensorfloat32, bfloat16.
Computing computing_of(const PretrainOptions& options);

// Of the whole process, on a GPU: whether libtorch may take kernels that give other bits each time,
// and whether its products of float32 numbers may be tensorfloat32's (10 bits of fraction).
void set_kernels(const PretrainOptions& options);

}  // namespace clef
