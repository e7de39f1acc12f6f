# The name under which a library is loaded at run time: clef_soname(matio VARIABLE) → libmatio.so.11
function(clef_soname name variable)
    find_library(library_${name} ${name} REQUIRED)
    execute_process(COMMAND ${CMAKE_OBJDUMP} -p ${library_${name}} OUTPUT_VARIABLE headers
        COMMAND_ERROR_IS_FATAL ANY)
    if(NOT headers MATCHES "SONAME +([^ \n]+)")
        message(FATAL_ERROR "${library_${name}}: no SONAME in it; expected a shared library")
    endif()
    set(${variable} ${CMAKE_MATCH_1} PARENT_SCOPE)
endfunction()
