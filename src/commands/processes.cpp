#include "commands/processes.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <netinet/in.h>
#include <string>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include "base/error.hpp"

namespace clef {

namespace {

// A port that is free on the loopback now.
std::uint16_t free_port() {
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* any = reinterpret_cast<sockaddr*>(&address);
    const bool good =
        socket >= 0 && ::bind(socket, any, size) == 0 && ::getsockname(socket, any, &size) == 0;
    const std::string reason = std::strerror(errno);
    if (socket >= 0) ::close(socket);
    if (!good) fail_run("no free port on 127.0.0.1: {}", reason);
    return ntohs(address.sin_port);
}

std::vector<std::string> own_arguments() {
    std::ifstream file("/proc/self/cmdline", std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    std::vector<std::string> words;
    for (std::size_t at = 0; at < text.size(); at = text.find('\0', at) + 1) {
        words.emplace_back(text.c_str() + at);
    }
    return words;
}

pid_t start(std::vector<std::string> words, int rank, int count, std::uint16_t port) {
    std::vector<char*> pointers;
    for (std::string& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    const pid_t process = ::fork();
    if (process != 0) return process;
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);  // none outlives this one
    ::setenv("RANK", std::to_string(rank).c_str(), 1);
    ::setenv("WORLD_SIZE", std::to_string(count).c_str(), 1);
    ::setenv("LOCAL_RANK", std::to_string(rank).c_str(), 1);
    ::setenv("LOCAL_WORLD_SIZE", std::to_string(count).c_str(), 1);
    ::setenv("MASTER_ADDR", "127.0.0.1", 1);
    ::setenv("MASTER_PORT", std::to_string(port).c_str(), 1);
    ::execv("/proc/self/exe", pointers.data());
    ::_exit(127);
}

std::vector<pid_t>& running() {
    static std::vector<pid_t> processes;
    return processes;
}

void tell_all(int signal) {
    for (const pid_t process : running()) {
        if (process > 0) ::kill(process, signal);
    }
}

}  // namespace

void start_processes(int count) {
    const std::uint16_t port = free_port();
    const auto words = own_arguments();
    for (const int signal : {SIGINT, SIGTERM}) std::signal(signal, tell_all);
    for (int rank = 0; rank < count; ++rank) {
        running().push_back(start(words, rank, count, port));
        if (running().back() < 0) {
            const std::string reason = std::strerror(errno);
            tell_all(SIGTERM);
            fail_run("process {} of {} cannot be started: {}", rank + 1, count, reason);
        }
    }
    int worst = 0;
    for (int left = count; left > 0;) {
        int status = 0;
        const pid_t ended = ::wait(&status);
        if (ended < 0) {
            if (errno == EINTR) continue;
            break;
        }
        --left;
        for (pid_t& process : running()) {
            if (process == ended) process = 0;
        }
        const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        if (code != 0 && worst == 0) {
            worst = code;
            tell_all(SIGTERM);
        }
    }
    if (worst != 0) std::exit(worst);
}

}  // namespace clef
