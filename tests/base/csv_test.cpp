#include "base/csv.hpp"

#include <fstream>
#include <gtest/gtest.h>

#include "formats/expect_input_error.hpp"
#include "shared.hpp"

namespace clef {

using Row = std::vector<std::string>;
using testing::expect_input_error;

TEST(Csv, ReadsCellsAndTheLineEachRowStartsOn) {
    const CsvTable table = parse_csv("record, age ,label\na,60,x\n\nb,,y z\n", "t.csv");
    EXPECT_EQ(table.columns, (Row{"record", "age", "label"}));
    ASSERT_EQ(table.rows.size(), 2u);
    EXPECT_EQ(table.rows[0], (Row{"a", "60", "x"}));
    EXPECT_EQ(table.rows[1], (Row{"b", "", "y z"}));
    EXPECT_EQ(table.lines, (std::vector<std::size_t>{2, 4}));
}

TEST(Csv, QuotedCellsHoldSeparatorsQuotesAndLineBreaks) {
    const CsvTable table = parse_csv("a,b\n\"x,\"\"y\"\"\",\"two\nlines\"\n1,2\n", "t.csv");
    EXPECT_EQ(table.rows[0], (Row{"x,\"y\"", "two\nlines"}));
    EXPECT_EQ(table.lines, (std::vector<std::size_t>{2, 4}));  // the break inside counts
}

TEST(Csv, AcceptsWindowsLineEndsAByteOrderMarkAndNoLastLineEnd) {
    const CsvTable table = parse_csv("\xEF\xBB\xBFrecord,age\r\na,1\r\nb,2", "t.csv");
    EXPECT_EQ(table.columns, (Row{"record", "age"}));
    ASSERT_EQ(table.rows.size(), 2u);
    EXPECT_EQ(table.rows[0], (Row{"a", "1"}));
    EXPECT_EQ(table.rows[1], (Row{"b", "2"}));
}

TEST(Csv, TakesAnotherSeparatorAndAHeaderAlone) {
    EXPECT_EQ(parse_csv("a\tb\n1,5\t2\n", "t.tsv", '\t').rows[0], (Row{"1,5", "2"}));
    EXPECT_TRUE(parse_csv("a,b\n", "t.csv").rows.empty());
}

TEST(Csv, AcceptsTheNamelessIndexColumnOfPandas) {
    EXPECT_EQ(parse_csv(",a\n0,x\n", "t.csv").columns, (Row{"", "a"}));
}

TEST(Csv, NamesFileLineAndCountsOfARaggedRow) {
    expect_input_error([] { parse_csv("a,b\n1,2\n3\n", "t.csv"); },
                       {"t.csv", "line 3", "1 cells", "expected 2"});
    expect_input_error([] { parse_csv("a,b\n1,2,3\n", "t.csv"); }, {"line 2", "3 cells"});
}

TEST(Csv, NamesTheLineOnWhichAnUnclosedQuoteBegan) {
    expect_input_error([] { parse_csv("a,b\n1,2\n3,\"never\nclosed\n", "t.csv"); },
                       {"t.csv", "line 3", "not closed"});
}

TEST(Csv, RefusesEmptyFilesAndDoubledOrNamelessColumns) {
    expect_input_error([] { parse_csv("", "t.csv"); }, {"t.csv", "empty", "header"});
    expect_input_error([] { parse_csv("a,b,a\n", "t.csv"); }, {"column 'a' appears twice"});
    expect_input_error([] { parse_csv("a,,b\n", "t.csv"); }, {"column 2 has no name"});
}

TEST(Csv, RequireListsTheColumnsThereAre) {
    const CsvTable table = parse_csv("a,b\n", "t.csv");
    EXPECT_EQ(table.require("b"), 1u);
    EXPECT_FALSE(table.find("c"));
    expect_input_error([&] { table.require("c"); }, {"t.csv", "'c'", "a, b"});
}

TEST(Csv, WhatIsWrittenIsReadBackUnchanged) {
    const Row cells = {"plain", "with,comma", "with \"quotes\"", "two\r\nlines",
                       "",      "\"",         " blank "};
    const std::string text = csv_line({"a", "b", "c", "d", "e", "f", "g"}) + csv_line(cells);
    EXPECT_EQ(parse_csv(text, "t.csv").rows.at(0), cells);
}

TEST(Csv, ReadsFilesAndNamesThoseThatAreMissing) {
    const testing::TemporaryFolder folder;
    std::ofstream(folder.path() / "t.csv") << "a\n1\n";
    EXPECT_EQ(read_csv(folder.path() / "t.csv").rows[0], Row{"1"});
    expect_input_error([&] { read_csv(folder.path() / "none.csv"); }, {"none.csv", "cannot open"});
}

}  // namespace clef
