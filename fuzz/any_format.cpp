#include "any_format.hpp"

#include <algorithm>
#include <cstdlib>
#include <stdexcept>

#include "base/error.hpp"
#include "files.hpp"
#include "formats/ecg_reader.hpp"

namespace clef::fuzz {

namespace {

// A reader that is asked for this much has to allocate it; what it may not do is allocate more.
constexpr std::uint64_t stretch = 5000;

void read_stretch(const EcgReader& reader, std::uint64_t from) {
    const std::vector<std::size_t> signals = default_signals(reader.info());
    if (signals.empty()) return;
    const std::uint64_t samples = reader.info().signals[signals.front()].samples;
    if (from >= samples) return;
    const std::size_t count = std::min<std::size_t>(signals.size(), 64);
    const std::uint64_t to = std::min(samples, from + stretch);
    for (const Lead& lead : reader.read(std::span(signals).first(count), from, to)) {
        if (lead.samples.size() != to - from) std::abort();
    }
}

}  // namespace

void read_as(const std::string& format, Bytes input, std::size_t most_leads) {
    const MemoryFile file(input);
    const auto formats = ecg_formats();
    const auto found =
        std::find_if(formats.begin(), formats.end(),
                     [&](const EcgFormat& candidate) { return candidate.name == format; });
    if (found == formats.end()) throw std::logic_error("no format is called " + format);
    const auto beginning = input.first(std::min<std::size_t>(input.size(), 65536));
    if (!found->recognises({file.path(), beginning})) fail_input("not recognised");
    ReadOptions options;
    if (!found->describes_itself) {
        options.sampling_rate = 500;
        options.units = "mV";
    }
    // What users would answer to "give --lead-names": as many as the file turns out to have.
    for (;;) {
        try {
            const auto reader = found->open(file.path(), options);
            read_stretch(*reader, 0);
            read_stretch(*reader, reader->info().samples / 2);
            return;
        } catch (const InputError&) {
            if (options.lead_names.size() == most_leads) throw;
            options.lead_names.push_back("V" + std::to_string(options.lead_names.size() + 1));
        }
    }
}

}  // namespace clef::fuzz
