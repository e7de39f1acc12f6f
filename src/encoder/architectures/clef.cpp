// CLEF (arXiv 2512.02180): three sizes of Net1D. Widths: its released code, checked against the
// published tensor lists. Files: Zenodo record 17572734 (the third name is spelt as it is there).
#include "encoder/architectures/entries.hpp"
#include "encoder/net1d.hpp"

namespace clef {

namespace {

Architecture size(const char* name, Net1dShape shape, PublishedFile file) {
    Architecture architecture;
    architecture.name = name;
    architecture.family = "net1d";
    architecture.config = [shape](int leads) mutable {
        shape.input_leads = leads;
        return shape_json(shape);
    };
    architecture.recipe = clef_recipe;
    file.where = "Zenodo record 17572734";
    file.licence = "Clear BSD";
    file.trained_on = "MIMIC-IV-ECG (published weights)";
    architecture.files = {std::move(file)};
    return architecture;
}

}  // namespace

built_in::Entries built_in::clef() {
    const Net1dShape small = {1, 32, 0.5, {32, 64, 64, 128, 128, 256}, {1, 1, 2, 2, 2, 2}, 16,
                              2, 8,  0};
    const Net1dShape medium = {
        1, 64, 1.0, {64, 160, 160, 400, 400, 1024, 1024}, {2, 2, 2, 3, 3, 4, 4}, 16, 2, 16, 0};
    const Net1dShape large = {1,
                              128,
                              1.5,
                              {128, 256, 256, 512, 512, 1024, 1024, 2048, 2048},
                              {2, 3, 3, 4, 4, 5, 5, 6, 6},
                              16,
                              2,
                              32,
                              0};
    Entries entries;
    entries.architectures = {
        size("clef-small", small,
             {"clef_small.ckpt", 1, "5.5 MB", "de76ebbf1024e5774309c1d12d6970eb", "", "", ""}),
        size("clef-medium", medium,
             {"clef_medium.ckpt", 1, "368 MB", "781eed16d190ef97733994cd2d01d1ff", "", "", ""}),
        size("clef-large", large,
             {"clef_largel.ckpt", 1, "3.6 GB", "07c494e85c9c17ddf34d8e679e02b0e0", "", "", ""})};
    return entries;
}

}  // namespace clef
