// Where the independent answers lie (goldens, facts, real recordings): $CLEF_SHARED. Tests that
// need them skip with a loud line where the folder is absent.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <gtest/gtest.h>
#include <string>
#include <unistd.h>

namespace clef::testing {

inline std::filesystem::path shared_folder() {
    const char* folder = std::getenv("CLEF_SHARED");
    return folder != nullptr ? std::filesystem::path(folder) : std::filesystem::path("../shared");
}

// A folder of this test's own, emptied now and removed when the test ends.
class TemporaryFolder {
  public:
    TemporaryFolder() {
        const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
        const std::string name = std::string("clef-") + test->test_suite_name() + "-" +
                                 test->name() + "-" + std::to_string(::getpid());
        std::string safe = name;
        for (char& c : safe) {
            if (c == '/') c = '-';
        }
        path_ = std::filesystem::temp_directory_path() / safe;
        std::filesystem::remove_all(path_);
        std::filesystem::create_directories(path_);
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

}  // namespace clef::testing

// Skips the test, loudly, when ../shared has not this file or folder.
#define CLEF_REQUIRE_SHARED(relative)                                                         \
    if (!std::filesystem::exists(clef::testing::shared_folder() / (relative))) {              \
        GTEST_SKIP() << "SKIPPED: " << (clef::testing::shared_folder() / (relative)).string() \
                     << " is not here; set CLEF_SHARED to the folder that holds it";          \
    }                                                                                         \
    static_assert(true, "")
