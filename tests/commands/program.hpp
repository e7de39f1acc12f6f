// Runs the real program `clef` and keeps what it says: exit code, standard output and standard
// error apart. The streams go to files, so that a talkative program never waits for its reader.
#pragma once

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <functional>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <string>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include "base/file.hpp"

namespace clef::testing {

using Words = std::vector<std::string>;

struct Outcome {
    int code = -1;  // exit code; 128 + signal when a signal ended the program
    std::string out;
    std::string err;
};

// A folder that lives as long as the object, usable outside of a test too.
class Folder {
  public:
    Folder() {
        std::string pattern =
            (std::filesystem::temp_directory_path() / "clef-program-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) std::abort();
        path_ = pattern;
    }
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

// The program, started; ended for good (killed, if need be) when the object goes.
class Program {
  public:
    explicit Program(const Words& arguments) {
        Words words = {CLEF_PROGRAM};
        words.insert(words.end(), arguments.begin(), arguments.end());
        std::vector<char*> pointers;
        for (std::string& word : words) pointers.push_back(word.data());
        pointers.push_back(nullptr);
        const std::string out = (streams_.path() / "out").string();
        const std::string err = (streams_.path() / "err").string();
        // Here already, for a program that is killed before it begins.
        write_file(out, "");
        write_file(err, "");
        process_ = ::fork();
        if (process_ == 0) {
            // Also for the superuser a folder without the right to write is one.
            ::prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0);
            redirect("/dev/null", O_RDONLY, STDIN_FILENO);
            redirect(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, STDOUT_FILENO);
            redirect(err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, STDERR_FILENO);
            ::execv(CLEF_PROGRAM, pointers.data());
            ::_exit(127);
        }
    }
    ~Program() {
        if (process_ <= 0) return;
        ::kill(process_, SIGKILL);
        ::waitpid(process_, nullptr, 0);
    }
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;

    void send(int signal) { ::kill(process_, signal); }

    Outcome wait() {
        int status = 0;
        ::waitpid(process_, &status, 0);
        process_ = -1;
        Outcome outcome;
        outcome.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        outcome.out = read_text_file(streams_.path() / "out");
        outcome.err = read_text_file(streams_.path() / "err");
        return outcome;
    }

  private:
    static void redirect(const char* path, int flags, int descriptor) {
        const int file = ::open(path, flags, 0600);
        if (file < 0) ::_exit(126);
        ::dup2(file, descriptor);
        ::close(file);
    }

    Folder streams_;
    pid_t process_ = -1;
};

inline Outcome run(const Words& arguments) {
    return Program(arguments).wait();
}

// Until the condition holds; false when it did not within the deadline.
inline bool wait_for(const std::function<bool()>& condition, std::chrono::seconds deadline) {
    const auto end = std::chrono::steady_clock::now() + deadline;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return true;
}

inline void expect_done(const Outcome& outcome) {
    EXPECT_EQ(outcome.code, 0) << outcome.out << outcome.err;
}

inline void expect_words(const std::string& text, const Words& words) {
    for (const std::string& word : words) {
        EXPECT_NE(text.find(word), std::string::npos) << "'" << word << "' is not in: " << text;
    }
}

// The request was wrong: exit 2, nothing on standard output, all of these words on standard error.
inline void expect_refusal(const Outcome& outcome, const Words& words) {
    EXPECT_EQ(outcome.code, 2) << outcome.out << outcome.err;
    EXPECT_EQ(outcome.out, "");
    expect_words(outcome.err, words);
}

}  // namespace clef::testing
