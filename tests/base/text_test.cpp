#include "base/text.hpp"

#include <gtest/gtest.h>

namespace clef {

using Parts = std::vector<std::string_view>;

TEST(Text, TrimsBlanksOfEveryKindFromBothEnds) {
    EXPECT_EQ(trim(" \t\r\n\f\va b \n"), "a b");
    EXPECT_EQ(trim(" \n "), "");
    EXPECT_EQ(trim(""), "");
}

TEST(Text, LowersLatinLettersAndLeavesOtherBytesAlone) {
    EXPECT_EQ(lower("AVF-Z9é"), "avf-z9é");
}

TEST(Text, SplitKeepsEmptyParts) {
    EXPECT_EQ(split("a,b,,c", ','), (Parts{"a", "b", "", "c"}));
    EXPECT_EQ(split("", ','), Parts{""});
    EXPECT_EQ(split(",", ','), (Parts{"", ""}));
}

TEST(Text, SplitBlanksTakesRunsAsOneSeparator) {
    EXPECT_EQ(split_blanks("  100.dat \t 212  200\r"), (Parts{"100.dat", "212", "200"}));
    EXPECT_TRUE(split_blanks(" \t ").empty());
}

TEST(Text, JoinPutsSeparatorsBetween) {
    EXPECT_EQ(join({"I", "II", "V5"}, ", "), "I, II, V5");
    EXPECT_EQ(join({}, ", "), "");
}

TEST(Text, ParseDoubleTakesWholeFiniteNumbersOnly) {
    EXPECT_EQ(parse_double(" 1.5 "), 1.5);
    EXPECT_EQ(parse_double("+2e-3"), 2e-3);
    EXPECT_EQ(parse_double("-.5"), -0.5);
    for (const char* bad :
         {"", " ", "1,5", "1.5x", "nan", "inf", "-inf", "1e999", "0x10", "1 2", "+"}) {
        EXPECT_FALSE(parse_double(bad)) << bad;
    }
}

TEST(Text, ASecondSignIsNoNumber) {
    EXPECT_FALSE(parse_double("+-2"));
    EXPECT_FALSE(parse_double("++2"));
    EXPECT_FALSE(parse_integer("+-2"));
}

TEST(Text, ParseIntegerRefusesFractionsAndOverflow) {
    EXPECT_EQ(parse_integer("-12"), -12);
    EXPECT_EQ(parse_integer("9223372036854775807"), 9223372036854775807LL);
    for (const char* bad : {"", "1.0", "9223372036854775808", "1e3", "twelve"}) {
        EXPECT_FALSE(parse_integer(bad)) << bad;
    }
}

TEST(Text, NearestFindsSlipsOfTheKeyboardAndNothingElse) {
    const std::vector<std::string> names = {"clef-small", "clef-medium", "clef-large"};
    EXPECT_EQ(nearest("clef-smal", names), "clef-small");
    EXPECT_EQ(nearest("CLEF-LARGE", names), "clef-large");
    EXPECT_EQ(nearest("vgg", names), std::nullopt);
    EXPECT_EQ(nearest("x", {}), std::nullopt);
}

TEST(Text, SuggestionNamesTheNearestOrAll) {
    EXPECT_EQ(suggestion("hihg", {"low", "high"}), " Known: low, high.");
    EXPECT_EQ(suggestion("hgh", {"low", "high"}), " Did you mean 'high'?");
}

}  // namespace clef
