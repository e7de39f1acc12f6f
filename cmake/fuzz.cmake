# Fuzz targets (fuzz/*.cpp). CLEF_FUZZ builds one libFuzzer program per target, and the rooms below
# them with AddressSanitizer and UndefinedBehaviorSanitizer; the ordinary build makes one test
# program that runs all of them over their seeds and over tests/data/fuzz.
set(fuzz_support ${PROJECT_SOURCE_DIR}/fuzz/target.cpp ${PROJECT_SOURCE_DIR}/fuzz/files.cpp
    ${PROJECT_SOURCE_DIR}/fuzz/any_format.cpp)
file(GLOB fuzz_targets CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/fuzz/*.cpp)
list(FILTER fuzz_targets EXCLUDE REGEX "/(target|files|any_format|driver|replay)\\.cpp$")

if(CLEF_FUZZ)
    add_library(fuzz_support STATIC ${fuzz_support})
    target_link_libraries(fuzz_support PUBLIC clef_encoder clef_flags)
    target_compile_definitions(fuzz_support PUBLIC CLEF_TEST_DATA="${PROJECT_SOURCE_DIR}/tests/data")
    add_custom_target(fuzz_targets)
    foreach(file ${fuzz_targets})
        get_filename_component(name ${file} NAME_WE)
        add_executable(fuzz_${name} ${file} fuzz/driver.cpp)
        target_link_libraries(fuzz_${name} PRIVATE fuzz_support -fsanitize=fuzzer)
        add_dependencies(fuzz_targets fuzz_${name})
    endforeach()
elseif(CLEF_TESTS)
    add_executable(test_fuzz ${fuzz_targets} ${fuzz_support} fuzz/replay.cpp)
    target_include_directories(test_fuzz PRIVATE ${PROJECT_SOURCE_DIR}/tests)
    target_link_libraries(test_fuzz PRIVATE clef_encoder clef_flags GTest::gtest GTest::gtest_main)
    target_compile_options(test_fuzz PRIVATE -O1)
    target_compile_definitions(test_fuzz PRIVATE CLEF_TEST_DATA="${PROJECT_SOURCE_DIR}/tests/data")
    add_test(NAME fuzz COMMAND test_fuzz)
    set_tests_properties(fuzz PROPERTIES TIMEOUT 1200)
endif()
