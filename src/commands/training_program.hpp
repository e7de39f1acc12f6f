// Commands that train need libtorch, which takes half a second and 160 MB before it does anything.
// They live in a second executable, clef-training, beside this one; `clef pretrain`, `clef demo`,
// `clef benchmark` and `clef evaluate` with a protocol that fine-tunes hand over to it, so that
// everything else starts at once.
#pragma once

namespace clef {

// Where the command is one that trains: runs clef-training with the same arguments in this
// process's place. Returns where it is not. InputError when this build has no clef-training.
void hand_over_training(char** argv);

}  // namespace clef
