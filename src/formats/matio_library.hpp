// matio, loaded where the first MATLAB file is met: it brings HDF5 and forty more libraries, which
// would take 15 ms and 12 MB from every other start of the program.
#pragma once

#include <matio.h>
#include <string>

namespace clef {

// The functions used, under their own names without "Mat_".
struct MatioLibrary {
    decltype(&Mat_Open) open;
    decltype(&Mat_Close) close;
    decltype(&Mat_VarFree) free_variable;
    decltype(&Mat_VarReadInfo) read_info;
    decltype(&Mat_VarReadNextInfo) read_next_info;
    decltype(&Mat_VarReadDataAll) read_all;
    decltype(&Mat_VarReadDataLinear) read_linear;
    decltype(&Mat_VarGetNumberOfFields) number_of_fields;
    decltype(&Mat_VarGetStructFieldByIndex) field_by_index;
    decltype(&Mat_VarGetStructFieldByName) field_by_name;
};

// Thread-safe. InputError where the library is not on this machine: `file` cannot be read then.
const MatioLibrary& matio_library(const std::string& file);

}  // namespace clef
