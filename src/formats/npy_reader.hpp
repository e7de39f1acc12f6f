// NumPy arrays as recordings: one dimension (one lead), or leads × samples, whichever way the array
// lies. Little-endian or big-endian integers of 1 to 8 bytes and floats of 4 and 8; C and Fortran
// order. An array says nothing of rates, units or leads: the user does (ReadOptions).
#pragma once

#include "formats/ecg_reader.hpp"

namespace clef {

// Recognises the magic string "\x93NUMPY". Errors: InputError for more than two dimensions, other
// types, a shape that asks for more than the file holds, or two dimensions of which neither is
// plainly that of the leads (matrix_layout.hpp).
EcgFormat npy_format();

}  // namespace clef
