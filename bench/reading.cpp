// Reads lists of recordings whole, as often as it is told, for bench/reading.py to time in turn
// with the Python wfdb package. Each line on standard input is "LIST" (a file of record paths, one
// a line); the answer is one line: milliseconds, samples read, bytes of the largest recording, and
// the process's peak resident memory above what it had after reading one sample of the first.
#include <fstream>
#include <iostream>
#include <map>

#include "base/memory.hpp"
#include "formats/ecg_file.hpp"
#include "paired.hpp"

namespace {

// Of this program's own memory: getrusage() would count what its parent had before exec.
std::size_t peak_kilobytes() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("VmHWM:")) return std::stoul(line.substr(6));
    }
    return 0;
}

std::vector<std::string> lines_of(const std::string& path) {
    std::ifstream file(path);
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
}

}  // namespace

int main() {
    clef::keep_freed_memory();  // as clef itself does
    std::size_t before = 0;
    std::map<std::string, std::vector<std::string>> lists;
    for (std::string name; std::getline(std::cin, name);) {
        const auto& records = lists.try_emplace(name, lines_of(name)).first->second;
        if (before == 0) {
            clef::read_ecg(records.at(0), {.to = 1});
            before = peak_kilobytes();
        }
        std::size_t samples = 0;
        std::size_t largest = 0;
        const double time = clef::bench::milliseconds([&] {
            for (const std::string& record : records) {
                const clef::Recording recording = clef::read_ecg(record);
                const std::size_t count = recording.samples() * recording.leads.size();
                samples += count;
                largest = std::max(largest, count * sizeof(float));
            }
        });
        fmt::print("{:.4f} {} {} {}\n", time, samples, largest, (peak_kilobytes() - before) * 1024);
        std::fflush(stdout);
    }
    return 0;
}
