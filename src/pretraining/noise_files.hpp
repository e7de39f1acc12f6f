// Recorded noise from files, for the views of pretraining. Three kinds of files are known:
//
// - MATLAB, a matrix of channels × samples for each kind of noise, its name saying which:
// PhysioNet's
//   ecg-ppg-simulator-arrhythmia, DATA_noises_real.mat, has motion_artefacts, electrode_movement,
//   baseline_wander and mixture_of_noises, each 15 channels (12 leads, X, Y, Z) at 1,000 Hz. This
//   is the file that CLEF's authors used. Other variables are left alone.
// - MATLAB, one matrix of samples × 3: sample index, channel 1, channel 2 (BW.mat, EM.mat, MA.mat
// of
//   OSET, from MIT's noise stress test database, 360 Hz, 200 ADU/mV). One file is one kind.
// - Any recording that the program reads (the WFDB records bw, em, ma of that database). One file
// is
//   one kind, its leads are the channels.
//
// The unit does not matter: noise is scaled where it is added.
#pragma once

#include <string>
#include <vector>

#include "pretraining/noise.hpp"

namespace clef {

struct NoiseFileOptions {
    double file_rate = 0;          // Hz, of MATLAB files, which do not say it; 0: not given
    double rate = 500;             // Hz, what the noise is resampled to
    double shortest_seconds = 10;  // a channel shorter than this is an error
    // Of each channel at most so much is read, from its start.
    double longest_seconds = 600;
};

// Errors: InputError naming the file.
NoiseBank read_noise(const std::vector<std::string>& files, const NoiseFileOptions& options);

}  // namespace clef
