// KED (Tian et al., "Foundation model of ECG diagnosis", 2024): the ECG half of a model of ECGs and
// reports, an xresnet1d101. Numbers and names: its published tensor list. File: Zenodo record
// 14881564.
#include "encoder/architectures/entries.hpp"
#include "encoder/xresnet1d.hpp"

namespace clef {

built_in::Entries built_in::ked() {
    Architecture architecture;
    architecture.name = "ked";
    architecture.family = "xresnet1d";
    // With 1 lead it has a stem of its own instead of the published one.
    architecture.leads = {12, 1};
    architecture.config = [](int leads) {
        return xresnet1d_json({leads, {32, 32, 64}, {3, 4, 23, 3}, {64, 128, 128, 192}, 4, 5});
    };
    architecture.recipe = ked_recipe;
    architecture.files = {{"best_valid_all_increase_with_augment_epoch_3.pt", 12, "",
                           "f5d5711b4fd52f41ac2e3c9eb10e4650", "Zenodo record 14881564",
                           "none stated", "MIMIC-IV-ECG and its reports (published weights)"}};
    architecture.terms =
        "KED's authors state no licence for its weights: ask them before using these for anything "
        "but research of your own";
    return {{}, {architecture}};
}

}  // namespace clef
