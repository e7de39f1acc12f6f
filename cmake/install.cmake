# libclef (the C API of include/clef/clef.h) as a shared and as a static library, and what
# `cmake --install` puts where: program, libraries, header, pkg-config file, CMake package.
include(GNUInstallDirs)

set(CLEF_ABI_VERSION 1)  # include/clef/clef.h
set(library_rooms base signal formats clinical cohort encoder runtime)
foreach(room ${library_rooms})
    set_target_properties(clef_${room} PROPERTIES POSITION_INDEPENDENT_CODE ON
        CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
endforeach()

add_library(clef_shared SHARED src/runtime/c_api.cpp src/runtime/c_api_recording.cpp
    src/runtime/c_api_stream.cpp)
target_link_libraries(clef_shared PRIVATE clef_runtime clef_flags)
target_include_directories(clef_shared PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
# Only what the header declares leaves the library: no symbol of ours or of libstdc++ can meet
# another of the same name in the program that loads it.
target_link_options(clef_shared PRIVATE LINKER:--version-script=${PROJECT_SOURCE_DIR}/cmake/libclef.map)
set_target_properties(clef_shared PROPERTIES OUTPUT_NAME clef EXPORT_NAME clef
    VERSION ${PROJECT_VERSION} SOVERSION ${CLEF_ABI_VERSION}
    CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    LINK_DEPENDS ${PROJECT_SOURCE_DIR}/cmake/libclef.map)

# The rooms in one archive.
set(archives)
set(archive_script "CREATE ${PROJECT_BINARY_DIR}/libclef.a\n")
foreach(room ${library_rooms})
    list(APPEND archives $<TARGET_FILE:clef_${room}>)
    string(APPEND archive_script "ADDLIB $<TARGET_FILE:clef_${room}>\n")
endforeach()
string(APPEND archive_script "SAVE\nEND\n")
file(GENERATE OUTPUT ${PROJECT_BINARY_DIR}/libclef.mri CONTENT "${archive_script}")
add_custom_command(OUTPUT ${PROJECT_BINARY_DIR}/libclef.a
    COMMAND ${CMAKE_COMMAND} -E rm -f ${PROJECT_BINARY_DIR}/libclef.a
    COMMAND ${CMAKE_AR} -M < ${PROJECT_BINARY_DIR}/libclef.mri
    DEPENDS ${archives} ${PROJECT_BINARY_DIR}/libclef.mri VERBATIM)
add_custom_target(clef_static ALL DEPENDS ${PROJECT_BINARY_DIR}/libclef.a)

# The prefix from where clef.pc lies: what was installed can be moved.
file(RELATIVE_PATH CLEF_PKGCONFIG_TO_PREFIX /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
configure_file(cmake/clef.pc.in clef.pc @ONLY)
include(CMakePackageConfigHelpers)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/clefConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(TARGETS clef RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
if(TARGET clef-training)
    install(TARGETS clef-training RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
install(TARGETS clef_shared EXPORT clef LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(FILES ${PROJECT_BINARY_DIR}/libclef.a DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(FILES include/clef/clef.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/clef)
install(FILES ${PROJECT_BINARY_DIR}/clef.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
install(EXPORT clef NAMESPACE clef:: FILE clefConfig.cmake DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/clef)
install(FILES ${PROJECT_BINARY_DIR}/clefConfigVersion.cmake DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/clef)

if(CLEF_TESTS)
    # The examples, as a program's author compiles them.
    add_executable(example_embed_c examples/c/embed.c)
    target_compile_options(example_embed_c PRIVATE -Wall -Wextra -Werror -pedantic)
    set_target_properties(example_embed_c PROPERTIES C_STANDARD 99 C_STANDARD_REQUIRED ON C_EXTENSIONS OFF)
    add_executable(example_embed_cpp examples/cpp/embed.cpp)
    target_compile_options(example_embed_cpp PRIVATE -Wall -Wextra -Werror -pedantic)
    foreach(example c cpp)
        target_link_libraries(example_embed_${example} PRIVATE clef_shared)
    endforeach()
    add_dependencies(test_runtime clef_shared example_embed_c example_embed_cpp)
    # What programs of another processor are started by, with a space behind it.
    list(JOIN CMAKE_CROSSCOMPILING_EMULATOR " " emulator)
    if(emulator)
        string(APPEND emulator " ")
    endif()
    target_compile_definitions(test_runtime PRIVATE
        CLEF_LIBRARY="$<TARGET_FILE:clef_shared>" CLEF_EXAMPLE_C="$<TARGET_FILE:example_embed_c>"
        CLEF_EXAMPLE_CPP="$<TARGET_FILE:example_embed_cpp>" CLEF_EMULATOR="${emulator}")
endif()
