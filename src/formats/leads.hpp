// Names of ECG leads: every data set spells them its own way ("aVF", "AVF", "avf", "Lead I",
// "ECG I", "vx"). One table knows the spellings; everything else compares canonical names.
//
// Canonical names: I, II, III, aVR, aVL, aVF, V1 … V9, V3R, V4R, MLI, MLII, MLIII (modified limb
// leads of ambulatory recorders: not the same as I, II, III), X, Y, Z (Frank's), ECG (a lead that
// the file does not name more closely). Thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace clef {

// The canonical name of a label; a label not in the table is returned as it is, blanks around it
// removed.
std::string canonical_lead(std::string_view label);

// Whether the table knows the label.
bool is_known_lead(std::string_view label);

// Whether two labels mean the same lead. Labels not in the table are compared without regard to
// case.
bool same_lead(std::string_view a, std::string_view b);

}  // namespace clef
