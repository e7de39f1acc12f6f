// In place of matlab_file.cpp where clef is built with -DCLEF_MATLAB=OFF, as for programs without
// any shared library.
#include "base/error.hpp"
#include "formats/matlab_file.hpp"

namespace clef {

namespace {

[[noreturn]] void refuse(const std::filesystem::path& path) {
    fail_input(
        "{}: a MATLAB file, and this clef was built without MATLAB (-DCLEF_MATLAB=OFF); convert it "
        "with one that has it: clef convert",
        path.string());
}

}  // namespace

std::vector<MatlabVariable> list_matlab_variables(const std::filesystem::path& path) {
    refuse(path);
}

void read_matlab_part(const std::filesystem::path& path, const std::string&, const MatlabPart&,
                      const std::function<void(std::span<const double>)>&) {
    refuse(path);
}

}  // namespace clef
