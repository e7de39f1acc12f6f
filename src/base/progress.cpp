#include "base/progress.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <unistd.h>

namespace clef {

namespace {

std::atomic<bool> quiet{false};

bool on_terminal() {
    static const bool terminal = ::isatty(STDERR_FILENO) == 1;
    return terminal;
}

// Clears a bar that stands on the current line before a message is written over it.
void print_line(const std::string& line) {
    const std::string text = (on_terminal() ? "\r\033[K" : "") + line + "\n";
    std::fwrite(text.data(), 1, text.size(), stderr);
}

std::string rate_text(double per_second) {
    if (per_second >= 100) return fmt::format("{:.0f}/s", per_second);
    if (per_second >= 1) return fmt::format("{:.1f}/s", per_second);
    return fmt::format("{:.1f}/min", per_second * 60);
}

}  // namespace

void note(std::string_view message) {
    if (!quiet) print_line(std::string(message));
}

void warn(std::string_view message) {
    print_line(fmt::format("warning: {}", message));
}

void set_quiet(bool value) {
    quiet = value;
}

std::string duration_text(double seconds) {
    const auto whole = static_cast<long long>(std::llround(std::max(0.0, seconds)));
    if (whole < 60) return fmt::format("{} s", whole);
    if (whole < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
    return fmt::format("{} h {:02} min", whole / 3600, whole % 3600 / 60);
}

Progress::Progress(std::string title, std::size_t total, std::string unit)
    : title_(std::move(title)),
      unit_(std::move(unit)),
      total_(total),
      start_(std::chrono::steady_clock::now()),
      drawn_(start_) {}

Progress::~Progress() {
    const std::lock_guard lock(mutex_);
    if (shown_) draw(true);
}

void Progress::add(std::size_t done) {
    const std::lock_guard lock(mutex_);
    done_ += done;
    const auto now = std::chrono::steady_clock::now();
    const auto interval = on_terminal() ? std::chrono::milliseconds(200) : std::chrono::seconds(10);
    if (now - start_ < std::chrono::seconds(2) || (shown_ && now - drawn_ < interval)) return;
    drawn_ = now;
    draw(false);
}

void Progress::set_detail(std::string detail) {
    const std::lock_guard lock(mutex_);
    detail_ = std::move(detail);
}

void Progress::draw(bool last) {
    if (quiet) return;
    shown_ = true;
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start_;
    const double rate = static_cast<double>(done_) / std::max(1e-9, elapsed.count());
    std::string line =
        fmt::format("{}: {}/{} {} · {}", title_, done_, total_, unit_, rate_text(rate));
    if (last) {
        line += fmt::format(" · took {}", duration_text(elapsed.count()));
    } else if (done_ > 0 && total_ >= done_) {
        line +=
            fmt::format(" · {} left", duration_text(static_cast<double>(total_ - done_) / rate));
    }
    if (!detail_.empty()) line += " · " + detail_;
    if (!on_terminal() || last) {
        print_line(line);
        return;
    }
    constexpr std::size_t width = 24;
    const std::size_t filled = total_ == 0 ? 0 : std::min(width, done_ * width / total_);
    const std::string bar = std::string(filled, '=') + std::string(width - filled, ' ');
    line = fmt::format("\r\033[K[{}] {}", bar, line);
    std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace clef
