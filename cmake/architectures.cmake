# The encoders that the program knows are the files of src/encoder/architectures: NAME.cpp defines
# `Entries built_in::NAME()` (entries.hpp), and a generated header declares and lists them all.
set(declarations "")
set(calls "")
file(GLOB files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/encoder/architectures/*.cpp)
foreach(file ${files})
    get_filename_component(name ${file} NAME_WE)
    if(NOT name STREQUAL "registry")
        string(APPEND declarations "Entries ${name}();\n")
        list(APPEND calls "${name}()")
    endif()
endforeach()
list(JOIN calls ", " calls)
file(GENERATE OUTPUT ${PROJECT_BINARY_DIR}/generated/generated_architectures.hpp CONTENT
"// Generated from the names of the files in src/encoder/architectures; see cmake/architectures.cmake.
#pragma once

#include <vector>

namespace clef::built_in {

${declarations}
inline std::vector<Entries> all() {
    return {${calls}};
}

}  // namespace clef::built_in
")
target_include_directories(clef_encoder PRIVATE ${PROJECT_BINARY_DIR}/generated)
