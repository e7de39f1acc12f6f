// What a file says of itself and what the user says of it, brought together: one place decides
// whether they agree, what is still unknown, and which option would settle it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "formats/ecg_reader.hpp"
#include "formats/units.hpp"

namespace clef {

// What a plain table or matrix says about its columns: often nothing.
struct PlainSignals {
    std::string format;
    std::optional<double> sampling_rate;
    std::vector<std::string> labels;  // one per column; "" where the file gives none
    std::vector<std::string> units;   // one per column; "" where the file gives none
    std::uint64_t samples = 0;
};

struct SettledSignals {
    RecordingInfo info;
    std::vector<UnitScale> scales;  // one per signal
};

// For readers of such files. Errors: InputError naming the option that gives what is unknown (--fs,
// --units, --lead-names); a single column without a name is called ECG.
SettledSignals settle_signals(const PlainSignals& file, const ReadOptions& options,
                              const std::string& source);

// For files that describe themselves: refuses a rate or unit that contradicts the file's, gives
// `options.lead_names` to signals whose labels are no lead names, and `options.units` to signals
// without a unit. Returns the reader itself where nothing changes.
std::unique_ptr<const EcgReader> settle_reader(std::unique_ptr<const EcgReader> reader,
                                               const ReadOptions& options,
                                               const std::string& source);

}  // namespace clef
