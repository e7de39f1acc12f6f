#include "formats/matio_library.hpp"

#include <dlfcn.h>

#include "base/error.hpp"

namespace clef {

namespace {

template <typename Function>
bool find(void* library, const char* name, Function& function) {
    function = reinterpret_cast<Function>(::dlsym(library, name));
    return function != nullptr;
}

struct Loaded {
    MatioLibrary functions{};
    std::string trouble;
};

// Never unloaded: HDF5 registers what runs at the process's end.
Loaded load() {
    Loaded loaded;
    void* library = ::dlopen(CLEF_MATIO_LIBRARY, RTLD_NOW | RTLD_LOCAL);
    MatioLibrary& f = loaded.functions;
    const bool whole = library != nullptr && find(library, "Mat_Open", f.open) &&
                       find(library, "Mat_Close", f.close) &&
                       find(library, "Mat_VarFree", f.free_variable) &&
                       find(library, "Mat_VarReadInfo", f.read_info) &&
                       find(library, "Mat_VarReadNextInfo", f.read_next_info) &&
                       find(library, "Mat_VarReadDataAll", f.read_all) &&
                       find(library, "Mat_VarReadDataLinear", f.read_linear) &&
                       find(library, "Mat_VarGetNumberOfFields", f.number_of_fields) &&
                       find(library, "Mat_VarGetStructFieldByIndex", f.field_by_index) &&
                       find(library, "Mat_VarGetStructFieldByName", f.field_by_name);
    if (!whole) {
        const char* error = ::dlerror();
        loaded.trouble = error == nullptr ? "it lacks a function" : error;
    }
    return loaded;
}

}  // namespace

const MatioLibrary& matio_library(const std::string& file) {
    static const Loaded loaded = load();
    if (!loaded.trouble.empty()) {
        fail_input(
            "{}: a MATLAB file, and the library that reads those cannot be loaded ({}); "
            "install it (Debian: libmatio11), or convert the file elsewhere",
            file, loaded.trouble);
    }
    return loaded.functions;
}

}  // namespace clef
