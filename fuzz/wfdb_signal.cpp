// A whole record: a header that names the signal file r.dat, a NUL, then that file's bytes.
#include <cstdlib>
#include <fmt/format.h>
#include <sstream>

#include "files.hpp"
#include "formats/ecg_reader.hpp"
#include "target.hpp"

namespace clef::fuzz {
namespace {

constexpr std::uint64_t stretch = 5000;

void read_part(const EcgReader& reader, std::uint64_t from) {
    const std::vector<std::size_t> signals = default_signals(reader.info());
    if (signals.empty() || from >= reader.info().samples) return;
    const std::uint64_t to = std::min(reader.info().samples, from + stretch);
    const std::size_t count = std::min<std::size_t>(signals.size(), 64);
    for (const Lead& lead : reader.read(std::span(signals).first(count), from, to)) {
        if (lead.samples.size() != to - from) std::abort();
    }
}

void run(Bytes input) {
    const std::string_view text = text_of(input);
    const std::size_t end = std::min(text.find('\0'), text.size());
    write_scratch("r.hea", text.substr(0, end));
    write_scratch("r.dat", end < text.size() ? text.substr(end + 1) : "");
    const auto reader = open_ecg(scratch_folder() / "r.hea");
    read_part(*reader, 0);
    read_part(*reader, reader->info().samples / 2);
}

// Real records of one signal file, that file called r.dat and cut to its beginning; the header's
// count of samples goes, so that the length follows from the file.
void add_real(const std::filesystem::path& folder, std::vector<Seed>& all) {
    for (const Seed& header : seeds_from(folder, ".hea", 1 << 14, 60)) {
        std::istringstream lines(header.bytes);
        std::string text, line, file;
        bool first = true;
        while (std::getline(lines, line)) {
            std::istringstream words(line);
            std::string name, second, third;
            words >> name >> second >> third;
            if (line.starts_with("#") || name.empty()) continue;
            if (first) {
                text += fmt::format("r {} {}\n", second, third.empty() ? "250" : third);
                first = false;
                continue;
            }
            if (file.empty()) file = name;
            if (name == file) text += "r.dat" + line.substr(name.size()) + "\n";
        }
        const std::string bytes = file.empty() ? "" : contents_of(folder / file).substr(0, 3000);
        if (!bytes.empty()) all.push_back({header.name, text + '\0' + bytes});
    }
}

// Every signal format over the same made bytes, since the real records have not all of them.
std::vector<Seed> seeds(const std::filesystem::path& shared) {
    std::vector<Seed> all;
    add_real(shared / "data/wfdb-formats", all);
    add_real(shared / "data/mitdb", all);
    std::string bytes;
    for (unsigned i = 0; i < 960; ++i) bytes += static_cast<char>((i * 37U + i / 7U) & 0xFFU);
    for (const int format : {8, 16, 24, 32, 61, 80, 160, 212, 310, 311}) {
        for (const char* detail : {"", "x2", ":3", "+24", "x2:1+8"}) {
            std::string header = fmt::format("r 2 250 {}\n", 40);
            for (int signal = 0; signal < 2; ++signal) {
                header += fmt::format("r.dat {}{} 200(12)/mV 12 0 5\n", format, detail);
            }
            header += "# age: 60\n";
            all.push_back({fmt::format("{}{}", format, detail), header + '\0' + bytes});
        }
    }
    all.push_back({"no-length", std::string("r 1\nr.dat 212\n") + '\0' + bytes});
    all.push_back({"segments", std::string("r/3 1 250 90\nr1 30\n~ 30\nr2 30\n") + '\0'});
    return all;
}

const Registration registration{{"wfdb_signal", run, seeds}};

}  // namespace
}  // namespace clef::fuzz
