// ECGFounder: CLEF-medium's network with a dense layer of 150 outputs, its own recipe. Files: the
// repository PKUDigitalHealth/ECGFounder on Hugging Face, which publishes no checksums.
#include "encoder/architectures/entries.hpp"
#include "encoder/net1d.hpp"

namespace clef {

built_in::Entries built_in::ecgfounder() {
    Architecture architecture;
    architecture.name = "ecgfounder";
    architecture.family = "net1d";
    architecture.config = [](int leads) {
        return shape_json({leads,
                           64,
                           1.0,
                           {64, 160, 160, 400, 400, 1024, 1024},
                           {2, 2, 2, 3, 3, 4, 4},
                           16,
                           2,
                           16,
                           150});
    };
    architecture.recipe = ecgfounder_recipe;
    const auto file = [](const char* name, int leads) {
        return PublishedFile{name,
                             leads,
                             "353–370 MB",
                             "",
                             "PKUDigitalHealth/ECGFounder on Hugging Face",
                             "MIT",
                             "Harvard–Emory ECG Database (published weights)"};
    };
    architecture.files = {file("1_lead_ECGFounder.pth", 1), file("12_lead_ECGFounder.pth", 12)};
    Entries entries;
    entries.architectures = {std::move(architecture)};
    return entries;
}

}  // namespace clef
