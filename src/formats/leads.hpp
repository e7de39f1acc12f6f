// Names of ECG leads: every data set spells them its own way ("aVF", "AVF", "avf", "Lead I",
// "ECG I", "vx"). One table knows the spellings; everything else compares canonical names.
//
// Canonical names: I, II, III, aVR, aVL, aVF and −aVR (written "-aVR"), V1 … V9, V2R … V9R, X, Y, Z
// (Frank's), ECG (a lead that the file does not name more closely); and the leads of ambulatory
// recorders, which are not the same as those they resemble: MLI, MLII, MLIII, MV1 … MV6, MCL1 …
// MCL6, CM1 … CM6, CC5, CS5, CB5, NASA, and ES, AS, AI (EASI). Thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace clef {

// The canonical name of a label; a label not in the table is returned as it is, blanks around it
// removed.
std::string canonical_lead(std::string_view label);

// Whether the label is that of an ECG lead: one that the table knows, or a numbered channel
// ("ECG1"), which keeps its label as its name.
bool is_known_lead(std::string_view label);

// Whether two labels mean the same lead. Labels not in the table are compared without regard to
// case.
bool same_lead(std::string_view a, std::string_view b);

}  // namespace clef
