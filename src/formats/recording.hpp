// One ECG recording in memory, whatever file it came from: named leads, one sampling rate.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace clef {

// One lead. Samples are in millivolts when `in_millivolts`; otherwise the file's unit is unknown or
// arbitrary (PTB-XL excerpts that were normalised say "NU") and the samples are in that unit: fine
// for a recipe that normalises, refused by everything that needs a voltage. A missing sample is
// NaN.
struct Lead {
    std::string name;   // canonical: I, II, III, aVR, aVL, aVF, V1…V6, MLII, ECG, X, …
    std::string label;  // as the file writes it
    std::string unit;   // as the file writes it: "mV", "uV", "NU"
    bool in_millivolts = true;
    std::vector<float> samples;
    std::string derived_from = {};  // "II − I" where it was computed from others; else empty
};

struct Recording {
    std::string source;                 // the path it was read from, for messages
    double sampling_rate = 0;           // Hz
    std::vector<Lead> leads;            // all of the same length
    std::vector<std::string> comments;  // free text of the header, one entry a line, without '#'

    std::size_t samples() const { return leads.empty() ? 0 : leads.front().samples.size(); }
    double seconds() const { return static_cast<double>(samples()) / sampling_rate; }

    // Finds a lead by any of its aliases; an InputError lists the leads that are there.
    const Lead& lead(const std::string& name) const;
    const Lead* find_lead(const std::string& name) const;  // nullptr when absent
};

}  // namespace clef
