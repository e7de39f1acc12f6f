// The types of WFDB's annotations: codes 1 to 49, each with a mnemonic that users know it by.
// Source: WFDB Programmer's Guide, "Annotation codes".
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace clef {

inline constexpr int max_wfdb_annotation_code = 49;
inline constexpr int wfdb_note_code = 22;

// What an annotation file says about its own codes: "15 c calibration pulse".
struct WfdbAnnotationType {
    std::string mnemonic;
    std::string description;  // as written, "" when absent

    bool operator==(const WfdbAnnotationType&) const = default;
};
using WfdbAnnotationTypes = std::map<int, WfdbAnnotationType>;

// "N" for 1, "[17]" for a code without a mnemonic, " " for 0 (no annotation, only a time). The
// file's own definitions go before the table's. Thread-safe.
std::string wfdb_mnemonic(int code, const WfdbAnnotationTypes& own = {});

// The code of a mnemonic, or nothing.
std::optional<int> wfdb_annotation_code(std::string_view mnemonic,
                                        const WfdbAnnotationTypes& own = {});

}  // namespace clef
