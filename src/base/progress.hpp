// What a person sees on standard error while something runs: notes, warnings, and a progress bar
// with rate and time left. On a terminal the bar redraws in place; elsewhere a plain line appears
// every ten seconds at most. Nothing is shown for work that ends within two seconds.
#pragma once

#include <chrono>
#include <cstddef>
#include <fmt/format.h>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace clef {

// A line on standard error, below any bar that is being drawn. Thread-safe.
void note(std::string_view message);
void warn(std::string_view message);  // the same behind "warning: "

// Switches bars and notes off (warnings stay): for --quiet and for tests.
void set_quiet(bool quiet);

// Thread-safe. The last state is printed when it is destroyed, if anything was.
class Progress {
  public:
    // title: "embedding"; unit: "windows".
    Progress(std::string title, std::size_t total, std::string unit);
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    void add(std::size_t done = 1);
    // A short text behind the bar, such as "loss 4.852 · learning rate 1e-4".
    void set_detail(std::string detail);

  private:
    void draw(bool last);

    std::string title_;
    std::string unit_;
    std::string detail_;
    std::size_t total_;
    std::size_t done_ = 0;
    bool shown_ = false;
    std::chrono::steady_clock::time_point start_;
    std::chrono::steady_clock::time_point drawn_;
    std::mutex mutex_;
};

// "3 s", "2 min 05 s", "1 h 20 min"
std::string duration_text(double seconds);

}  // namespace clef
