// What the tests of several commands start from, made once per test program on first use: a cohort
// of eight simulated patients, and a small encoder pretrained on it for two steps.
#pragma once

#include <map>

#include <nlohmann/json.hpp>

#include "commands/program.hpp"
#include "encoder/model.hpp"
#include "formats/npy.hpp"

namespace clef::testing {

// Programs built without libtorch have no pretrain and no demo.
inline bool can_train() {
    static const bool trains =
        run({"pretrain", "--help"}).out.find("--resume") != std::string::npos;
    return trains;
}

class Workshop {
  public:
    std::filesystem::path cohort() const { return folder_.path() / "cohort" / "cohort.csv"; }
    std::filesystem::path record() const { return folder_.path() / "cohort/records/000/P00001_1"; }
    std::filesystem::path model() const { return folder_.path() / "run" / "model.safetensors"; }

    static const Workshop& get() {
        static const Workshop workshop;
        return workshop;
    }

  private:
    Workshop() {
        expect_done(run({"simulate", "-o", cohort().parent_path().string(), "--patients", "8",
                         "--recordings", "2", "--seed", "3"}));
        if (can_train()) {
            expect_done(
                run({"pretrain", "--cohort", cohort().string(), "--config", "quick", "--set",
                     "run.steps=2", "--set", "run.batch=4", "-o", model().parent_path().string()}));
        } else {
            std::filesystem::create_directories(model().parent_path());
            write_model(random_model("clef-small", 1, 1), model());
        }
    }

    Folder folder_;
};

// Relative path → bytes, of everything in a folder.
inline std::map<std::string, std::string> contents(const std::filesystem::path& folder) {
    std::map<std::string, std::string> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        if (!entry.is_regular_file()) continue;
        files[std::filesystem::relative(entry.path(), folder).string()] =
            read_text_file(entry.path());
    }
    return files;
}

}  // namespace clef::testing

#define CLEF_REQUIRE_TRAINING()                             \
    if (!clef::testing::can_train())                        \
    GTEST_SKIP() << "SKIPPED: this clef was built without " \
                    "training"
