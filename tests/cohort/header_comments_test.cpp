// Age and sex in the comments of the headers of several data sets.
#include "cohort/datasets/header_comments.hpp"

#include <gtest/gtest.h>
#include <vector>

namespace clef {

namespace {

AgeAndSex read(const std::vector<std::string>& comments) {
    return age_and_sex(comments);
}

TEST(HeaderComments, InTheWordsOfEachDataSet) {
    const std::vector<std::vector<std::string>> spellings = {
        {"Age: 69", "Sex: M", "Dx: AF"},            // CPSC 2018
        {"<age>: 69", "<sex>: M", "<diagnoses>:"},  // LUDB
        {"age: 69", "sex: male"},                   // PTB
        {"Age: 69 Gender: Male"},
        {"69 M 1085 1629 x1", "Aldomet, Inderal"},  // MIT-BIH
    };
    for (const auto& comments : spellings) {
        const AgeAndSex found = read(comments);
        EXPECT_EQ(found.age, 69) << comments[0];
        EXPECT_EQ(found.sex, Sex::male) << comments[0];
    }
    EXPECT_EQ(read({"Sex: Female"}).sex, Sex::female);
}

TEST(HeaderComments, WhatIsNotKnownStaysUnknown) {
    for (const std::vector<std::string>& comments : {std::vector<std::string>{},
                                                     {"Age: -1", "Sex: Unknown"},
                                                     {"Age: NaN"},
                                                     {"Age: 690"},
                                                     {"Age:"},
                                                     {"-1 ? 1085"},
                                                     {"12 leads"},
                                                     {"Stage: 4", "Average: 63"}}) {
        const AgeAndSex found = read(comments);
        EXPECT_FALSE(found.age.has_value()) << comments[0];
        EXPECT_FALSE(found.sex.has_value()) << comments[0];
    }
}

}  // namespace

}  // namespace clef
