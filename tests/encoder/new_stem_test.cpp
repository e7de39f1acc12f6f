#include "encoder/new_stem.hpp"

#include <gtest/gtest.h>

#include "formats/expect_input_error.hpp"

namespace clef {

TEST(NewStem, KeepsEverythingButTheFirstConvolution) {
    for (const char* architecture : {"ked", "ecgfounder"}) {
        const Model twelve = random_model(architecture, 12, 1);
        const Model one = with_new_stem(twelve, 2);
        const std::string stem =
            architecture == std::string("ked") ? "0.0.weight" : "first_conv.conv.weight";
        EXPECT_EQ(model_input_leads(one), 1);
        EXPECT_EQ(one.recipe.leads, std::vector<std::string>{"I"});
        EXPECT_EQ(one.provenance.at("new_stem").at("tensors"), std::vector<std::string>{stem});
        ASSERT_EQ(one.tensors.size(), twelve.tensors.size());
        for (const auto& [name, tensor] : one.tensors) {
            if (name == stem) {
                EXPECT_EQ(tensor.shape[1], 1);
            } else {
                EXPECT_EQ(tensor.data, twelve.tensors.at(name).data) << name;
            }
        }
        check_tensors(one, "one");
    }
}

TEST(NewStem, IsRefusedWhereThereIsNothingToReplace) {
    Model model = empty_model("st-mem", 12);
    testing::expect_input_error([&] { with_new_stem(model, 1); }, {"st-mem with 12 leads"});
    model = empty_model("ked", 1);
    testing::expect_input_error([&] { with_new_stem(model, 1); }, {"ked with 1 leads"});
}

}  // namespace clef
