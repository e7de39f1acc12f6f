// The recipe: how a recording becomes an encoder's input. It travels in the model file, and every
// command applies it through encoder/preprocess.hpp, so that no two commands prepare an ECG
// differently.
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace clef {

// How an encoder of several leads takes a window of only some of them.
enum class FewerLeads {
    refused,
    in_place,        // each in its own channel, zeros in the others: "lead in place"
    lead_embedding,  // only those, each marked by its lead's embedding: "lead embedding"
    alone,           // only those: "those alone"
};

struct Recipe {
    std::string name = "clef";
    double sampling_rate = 500;  // Hz, reached by Fourier resampling
    // Hz; not 0: Fourier resampling only reaches this rate, and straight lines between its samples,
    // from the first to the last, give those of sampling_rate.
    double interpolated_from = 0;
    double window_seconds = 10;
    // Lead names in input order. An encoder with one input channel takes any one lead; this is
    // then the default, and a command's --lead chooses another.
    std::vector<std::string> leads = {"I"};
    FewerLeads fewer_leads = FewerLeads::refused;
    // A recording shorter than a window, where a command allows it (--pad): zeros behind it, or,
    // for encoders that know of samples not observed, such samples before it (Window::observed).
    bool padding_masked = false;
    // Of a recording longer than a window only the first one is looked at.
    bool first_window_only = false;
    // What stands for a missing sample: the straight line between its neighbours, or zero.
    bool zero_missing = false;
    // Second-order notch run forward and backward (signal/notch.hpp); 0 Hz: none.
    double notch = 0;  // Hz
    double notch_quality = 30;
    // Butterworth band-pass run forward and backward; order 0: none.
    int band_pass_order = 5;
    double band_pass_low = 0.67;  // Hz
    double band_pass_high = 40;   // Hz
    // Butterworth high-pass, then low-pass, each run forward and backward by itself; order 0: none.
    int high_pass_order = 0;
    double high_pass = 0.67;  // Hz
    int low_pass_order = 0;
    double low_pass = 40;  // Hz
    // The running median of so many samples (an odd number, zeros beyond the ends) is taken away:
    // what is left of the baseline's wander; 0: none.
    int median_samples = 0;
    bool z_score = true;         // (x − mean) ÷ (population deviation + epsilon)
    bool joint_z_score = false;  // one mean and deviation for all leads, so that they keep their
                                 // relative sizes; else each lead has its own
    double epsilon = 1e-8;

    bool operator==(const Recipe&) const = default;
    std::size_t window_samples() const {
        return static_cast<std::size_t>(std::llround(sampling_rate * window_seconds));
    }
};

// CLEF's own (arXiv 2512.02180; filter as in the released code): lead I or all twelve.
Recipe clef_recipe(int leads = 1);

// ECGFounder's own (its released code): missing samples as zeros, a 50 Hz notch, a gentler
// band-pass, minus a median over 0.4 s, one z-score over all leads; lead I or all twelve.
Recipe ecgfounder_recipe(int leads = 1);

// KED's own (its released code and the answer to issue 6 of control-spiderman/ECGFM-KED): 100 Hz,
// 10 s, millivolts as they are, all twelve leads. Its code knows no single lead; one stands in its
// own channel, zeros in the others, which keeps the published first convolution. With 1 lead: for a
// first convolution of its own, lead I.
Recipe ked_recipe(int leads = 12);

// ST-MEM's own (util/transforms.py and the configurations of bakqui/ST-MEM): 250 Hz, 9 s, high-pass
// 0.67 Hz and low-pass 40 Hz of order 5, standardised over all leads together, all twelve leads.
// Any of them may be missing: the encoder then sees the others' tokens, each with its own lead's
// embedding, which is what these embeddings are for (arXiv 2402.09450, section 3).
Recipe st_mem_recipe(int leads = 12);

// Moirai's own: its authors name no sampling rate; 10 s at 500 Hz in patches of 128 samples, one of
// the sizes that they give to the finest sampling they know, one second (64 to 128; uni2ts,
// transform/patch.py), and the one with which twelve leads, 40 patches each, stay within the 512
// tokens of its training. No filter and no normalisation: its own scaler takes each lead's mean and
// deviation. Each lead is a variate by itself, and any of them may be missing (arXiv 2402.02592).
Recipe moirai_recipe(int leads = 12);

// MOMENT's own (momentfm 0.1.4, data/ptbxl_classification_dataset.py, with the 100 Hz that
// tutorials/finetune_demo/classification.py asks for): 10 s at 100 Hz, of which straight lines from
// the first sample to the last make the 512 that the encoder was trained on, z-score per lead. Its
// encoder sees each lead by itself, so that any of them may be missing.
Recipe moment_recipe(int leads = 12);

// What CLEF's released evaluation feeds to every encoder, whatever that was trained on
// (clef/data/downstream_dataloader.py): CLEF's own rate, window and filter; a single lead is II.
Recipe released_recipe(int leads = 1);

// The same for its PTB-XL tasks, where recordings of 500 Hz are taken for ones of 100 Hz and
// "resampled to 500": the first 2 s, five times as many samples, unfiltered.
Recipe released_ptbxl_recipe(int leads = 1);

// Every recipe that has a name, for 1 or 12 leads; an InputError with a suggestion for any other.
std::vector<std::string> recipe_names();
Recipe named_recipe(const std::string& name, int leads = 1);

// JSON with units in the key names. A step added since the first model files is written only where
// it is used, so that files are readable by every program that can do what they ask. Reading
// refuses unknown, missing and impossible values.
nlohmann::json recipe_json(const Recipe& recipe);
Recipe parse_recipe(const nlohmann::json& json, const std::string& source);

// One line for a person, the steps in their order:
// "lead I, 500 Hz, 10 s, band-pass 0.67–40 Hz order 5, z-score".
std::string recipe_text(const Recipe& recipe);
// The same behind the recipe's name: "clef: lead I, 500 Hz, …".
std::string recipe_title(const Recipe& recipe);

}  // namespace clef
