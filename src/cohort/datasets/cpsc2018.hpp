// China Physiological Signal Challenge 2018, training set: 6,877 12-lead ECGs of 6 to 60 s at 500
// Hz with nine diagnoses (Liu et al., J. Med. Imaging Health Inform. 8:1368, 2018), in the form
// that PhysioNet's challenges of 2020 and 2021 gave it: MATLAB level 4 under WFDB headers whose
// comments hold Age, Sex and Dx.
//
// Every *.hea below the folder is a record (the challenges' g1 … g7 or one flat folder). Label
// column diagnosis: Normal, AF, I-AVB, LBBB, RBBB, PAC, PVC, STD, STE, joined by ';', whether Dx
// names them so or by their SNOMED codes; another SNOMED code stands as it is. The data set names
// no patients, so each record is its own, split by a hash of its name, 70/15/15.
#pragma once

#include "cohort/datasets/dataset.hpp"

namespace clef {

Dataset cpsc2018_dataset();

}  // namespace clef
