# Text files that travel inside the program: clef_embed(ROOM HEADER FUNCTION FILE…) makes
# `const std::vector<std::pair<std::string, std::string>>& FUNCTION()` (name without folder and
# ending, contents) in a generated header HEADER that the room includes.
function(clef_embed room header function)
    set(output ${PROJECT_BINARY_DIR}/generated/${header})
    set(text "// Generated from the project's own text files; see cmake/embed.cmake.\n#pragma once\n\n#include <string>\n#include <utility>\n#include <vector>\n\nnamespace clef {\n\ninline const std::vector<std::pair<std::string, std::string>>& ${function}() {\n    static const std::vector<std::pair<std::string, std::string>> files = {\n")
    foreach(file ${ARGN})
        get_filename_component(name ${file} NAME_WE)
        file(READ ${file} contents)
        string(APPEND text "        {\"${name}\", R\"embedded(${contents})embedded\"},\n")
        set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    endforeach()
    string(APPEND text "    };\n    return files;\n}\n\n}  // namespace clef\n")
    file(GENERATE OUTPUT ${output} CONTENT "${text}")
    target_include_directories(clef_${room} PUBLIC ${PROJECT_BINARY_DIR}/generated)
endfunction()
