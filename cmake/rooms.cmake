# One static library and one test program per room (src/FOLDER, tests/FOLDER). A room links only the
# rooms it names, all of lower floors; scripts/check-floors.sh checks the includes.
function(clef_room name)
    cmake_parse_arguments(ROOM "" "" "ROOMS;LIBRARIES;PRIVATE_LIBRARIES;EXCEPT" ${ARGN})
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${name}/*.cpp)
    foreach(file ${ROOM_EXCEPT})
        list(REMOVE_ITEM sources ${PROJECT_SOURCE_DIR}/src/${name}/${file})
    endforeach()
    add_library(clef_${name} STATIC ${sources})
    target_include_directories(clef_${name} PUBLIC ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/include)
    list(TRANSFORM ROOM_ROOMS PREPEND clef_)
    target_link_libraries(clef_${name} PUBLIC ${ROOM_ROOMS} ${ROOM_LIBRARIES} PRIVATE ${ROOM_PRIVATE_LIBRARIES} clef_flags)
    if(CLEF_TESTS)
        clef_room_tests(${name})
    endif()
endfunction()

function(clef_room_tests name)
    file(GLOB_RECURSE tests CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/${name}/*_test.cpp)
    if(NOT tests)
        return()
    endif()
    add_executable(test_${name} ${tests})
    target_include_directories(test_${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
    target_link_libraries(test_${name} PRIVATE clef_${name} clef_flags GTest::gtest GTest::gtest_main)
    target_compile_options(test_${name} PRIVATE -O1)  # tests are compiled more often than they run
    # GCC 12 sees overlaps where short texts are joined (its bug 105651) and, with a sanitizer, unset variables in
    # its own <regex> (its manual warns of such).
    target_compile_options(test_${name} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
        $<$<BOOL:${CLEF_SANITIZE}>:-Wno-maybe-uninitialized>)
    target_compile_definitions(test_${name} PRIVATE
        CLEF_TEST_DATA="${PROJECT_SOURCE_DIR}/tests/data" CLEF_SOURCE="${PROJECT_SOURCE_DIR}")
    add_test(NAME ${name} COMMAND test_${name})
    # Sanitizers and emulators take ten times as long.
    if(CLEF_SANITIZE OR CLEF_SANITIZE_THREADS OR CMAKE_CROSSCOMPILING)
        set_tests_properties(${name} PROPERTIES TIMEOUT 7200)
    else()
        set_tests_properties(${name} PROPERTIES TIMEOUT 1200)
    endif()
endfunction()
