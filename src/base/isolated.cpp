#include "base/isolated.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <exception>
#include <fcntl.h>
#include <fstream>
#include <mutex>
#include <optional>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include "base/error.hpp"

namespace clef {

namespace {

// How a child ends; anything else is a crash.
constexpr int went_well = 0;
constexpr int wrong_input = 3;  // its last bytes are the message
constexpr int failed = 4;

#if defined(__SANITIZE_ADDRESS__)
constexpr bool sanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
constexpr bool sanitized = true;
#else
constexpr bool sanitized = false;
#endif
#else
constexpr bool sanitized = false;
#endif

std::uint64_t address_space_in_use() {
    std::ifstream status("/proc/self/statm");
    std::uint64_t pages = 0;
    status >> pages;
    return pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

void set_limit(int resource, std::uint64_t value) {
    const rlimit limit{value, value + 1};  // the soft limit's signal says which limit it was
    ::setrlimit(static_cast<__rlimit_resource>(resource), &limit);
}

void confine(const IsolationLimits& limits, std::uint64_t in_use) {
    set_limit(RLIMIT_CORE, 0);
    set_limit(RLIMIT_CPU, limits.seconds);
    if (sanitized) return;  // its shadow memory needs the address space, its reports standard error
    set_limit(RLIMIT_AS, in_use + limits.memory_bytes);
    const int nowhere = ::open("/dev/null", O_WRONLY);
    if (nowhere >= 0) ::dup2(nowhere, STDERR_FILENO);
}

[[noreturn]] void run_child(int data, int message, const IsolationLimits& limits,
                            std::uint64_t in_use,
                            const std::function<void(IsolatedOutput&)>& work) {
    confine(limits, in_use);
    int code = failed;
    try {
        IsolatedOutput output(data);
        work(output);
        code = went_well;
    } catch (const InputError& error) {
        code = wrong_input;
        IsolatedOutput(message).write(std::string_view(error.what()).substr(0, 4000));
    } catch (const std::exception&) {
        code = failed;  // out of memory, or a parent that has gone
    }
    ::_exit(code);  // no destructors and exit handlers of the parent's
}

struct Child {
    pid_t process = -1;
    int data = -1;     // read ends
    int message = -1;  // short: fits in the pipe, so that it can be read at the end
};

Child start_child(const IsolationLimits& limits, const std::string& what,
                  const std::function<void(IsolatedOutput&)>& work) {
    // One at a time: a second child that inherits the first one's pipes would keep them open.
    static std::mutex mutex;
    const std::lock_guard lock(mutex);
    std::array<int, 2> data{};
    std::array<int, 2> message{};
    if (::pipe2(data.data(), O_CLOEXEC) != 0) {
        fail_run("{}: cannot make a pipe: {}", what, std::strerror(errno));
    }
    if (::pipe2(message.data(), O_CLOEXEC) != 0) {
        const int error = errno;
        for (const int end : data) ::close(end);
        fail_run("{}: cannot make a pipe: {}", what, std::strerror(error));
    }
    const std::uint64_t in_use = address_space_in_use();
    const pid_t process = ::fork();
    if (process == 0) {
        ::close(data[0]);
        ::close(message[0]);
        run_child(data[1], message[1], limits, in_use, work);
    }
    const int error = errno;
    ::close(data[1]);
    ::close(message[1]);
    if (process < 0) {
        ::close(data[0]);
        ::close(message[0]);
        fail_run("{}: cannot start a process: {}", what, std::strerror(error));
    }
    return {process, data[0], message[0]};
}

// Ends the child, if it still runs, and closes the pipes, whatever happens.
class ChildGuard {
  public:
    explicit ChildGuard(Child child) : child_(child) {}
    ~ChildGuard() {
        if (child_.process > 0) ::kill(child_.process, SIGKILL);
        wait();
        ::close(child_.data);
        ::close(child_.message);
    }
    ChildGuard(const ChildGuard&) = delete;
    ChildGuard& operator=(const ChildGuard&) = delete;

    void kill() { ::kill(child_.process, SIGKILL); }
    int wait() {
        if (child_.process > 0) {
            while (::waitpid(child_.process, &status_, 0) < 0 && errno == EINTR) {
            }
        }
        child_.process = -1;
        return status_;
    }

  private:
    Child child_;
    int status_ = 0;
};

// Reads until the child closes its end; false when it takes longer than it may.
bool receive(int descriptor, unsigned seconds,
             const std::function<void(std::span<const std::byte>)>& take) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(2 * seconds);
    std::vector<std::byte> buffer(std::size_t{1} << 16);
    while (true) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            deadline - std::chrono::steady_clock::now());
        if (left.count() <= 0) return false;
        pollfd wanted{descriptor, POLLIN, 0};
        const int ready = ::poll(&wanted, 1, static_cast<int>(left.count()));
        if (ready < 0 && errno == EINTR) continue;
        if (ready <= 0) return false;
        const ssize_t bytes = ::read(descriptor, buffer.data(), buffer.size());
        if (bytes < 0 && errno == EINTR) continue;
        if (bytes <= 0) return bytes == 0;
        take(std::span(buffer).first(static_cast<std::size_t>(bytes)));
    }
}

std::string how_it_ended(int status) {
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU) return "it took too long";
    if (WIFSIGNALED(status)) {
        return fmt::format("the reader crashed (signal {})", WTERMSIG(status));
    }
    return "it needs more memory than it may have";
}

}  // namespace

void IsolatedOutput::write(const void* data, std::size_t bytes) {
    const char* next = static_cast<const char*>(data);
    while (bytes > 0) {
        const ssize_t written = ::write(descriptor_, next, bytes);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) throw std::runtime_error("the reader of the pipe has gone");
        next += written;
        bytes -= static_cast<std::size_t>(written);
    }
}

void run_isolated(const std::string& what, const IsolationLimits& limits,
                  const std::function<void(IsolatedOutput&)>& work,
                  const std::function<void(std::span<const std::byte>)>& take) {
    const Child child = start_child(limits, what, work);
    ChildGuard guard(child);
    if (!receive(child.data, limits.seconds, take)) {
        guard.kill();
        fail_input("{}: cannot be read: it took too long", what);
    }
    const int status = guard.wait();
    if (WIFEXITED(status) && WEXITSTATUS(status) == went_well) return;
    if (WIFEXITED(status) && WEXITSTATUS(status) == wrong_input) {
        std::string message;
        receive(child.message, limits.seconds, [&](std::span<const std::byte> bytes) {
            message.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        });
        throw InputError(message);
    }
    fail_input("{}: cannot be read: {}; is the file damaged?", what, how_it_ended(status));
}

}  // namespace clef
