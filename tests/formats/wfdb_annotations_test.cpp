#include "formats/wfdb_annotations.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <set>

#include "base/csv.hpp"
#include "base/file.hpp"
#include "base/random.hpp"
#include "formats/expect_input_error.hpp"
#include "shared.hpp"

namespace clef {

using testing::expect_input_error;

namespace {

namespace fs = std::filesystem;

std::string words(std::initializer_list<int> values) {
    std::string bytes;
    for (const int value : values) {
        bytes += static_cast<char>(value & 0xFF);
        bytes += static_cast<char>(value >> 8 & 0xFF);
    }
    return bytes;
}

constexpr int word(int code, int data) {
    return code << 10 | data;
}

WfdbAnnotationFile parse(const std::string& bytes) {
    return parse_wfdb_annotations(std::as_bytes(std::span(bytes)), "x.atr");
}

const int skip = word(59, 0);

}  // namespace

TEST(WfdbAnnotations, ReadsEveryKindOfWord) {
    const auto file = parse(words({word(1, 5),  // N at 5
                                   word(5, 10), word(61, 0x3FF), word(62, 2), word(60, 7),  // V
                                   word(63, 3)}) +
                            "abc" + std::string(1, '\0') +
                            words({skip, 0x0001, 0x0002, word(28, 4), 0, word(1, 1)}));
    ASSERT_EQ(file.annotations.size(), 3U);
    EXPECT_EQ(file.annotations[0], (WfdbAnnotation{5, 1, 0, 0, 0, ""}));
    EXPECT_EQ(file.annotations[1], (WfdbAnnotation{15, 5, -1, 2, 7, "abc"}));
    // An interval of 0x10002 ticks, then 4; channel and number still hold, subtype does not.
    EXPECT_EQ(file.annotations[2], (WfdbAnnotation{15 + 0x10002 + 4, 28, 0, 2, 7, ""}));
}

TEST(WfdbAnnotations, TheHeadSaysTimeResolutionAndTypes) {
    WfdbAnnotationFile file;
    for (const char* line : {"## time resolution: 500", "## annotation type definitions",
                             "42 CAL a calibration pulse", "## end of definitions"}) {
        file.head.push_back({0, wfdb_note_code, 0, 0, 0, line});
    }
    file.head.emplace_back();
    file.annotations.push_back({0, wfdb_note_code, 0, 0, 0, "a note at time 0"});
    file.annotations.push_back({1002, 42, 0, 0, 0, ""});
    const auto again = parse(encode_wfdb_annotations(file, "x"));
    EXPECT_EQ(again.head, file.head);
    EXPECT_EQ(again.annotations, file.annotations);
    EXPECT_EQ(again.ticks_per_second, 500);
    const auto annotations = to_annotations(again, 125);
    EXPECT_EQ(annotations[1].symbol, "CAL");
    EXPECT_EQ(annotations[1].sample, 251);  // 250.5, half up
    EXPECT_DOUBLE_EQ(annotations[1].seconds, 2.004);
}

TEST(WfdbAnnotations, AnyAnnotationsComeBackAsTheyWereWritten) {
    Random random(1, "annotations");
    for (int round = 0; round < 200; ++round) {
        WfdbAnnotationFile file;
        std::int64_t tick = 1;
        for (std::uint64_t i = 0, count = 1 + random.below(40); i < count; ++i) {
            const std::string text(random.below(3) == 0 ? random.below(256) : 0, 'x');
            const auto code = static_cast<int>(random.below(50));
            // Code 0 first would count as the head's end.
            file.annotations.push_back({tick, i == 0 ? 1 : code,
                                        static_cast<int>(random.below(256)) - 128,
                                        static_cast<int>(random.below(256)),
                                        static_cast<int>(random.below(256)) - 128, text});
            const std::uint64_t step = std::uint64_t{1} << random.below(36);
            tick += static_cast<std::int64_t>(random.below(step + 1));
            if (random.below(10) == 0) tick -= static_cast<std::int64_t>(random.below(5000));
        }
        EXPECT_EQ(parse(encode_wfdb_annotations(file, "x")).annotations, file.annotations);
    }
}

TEST(WfdbAnnotations, SymbolsOfOnesOwnAreDefinedInTheHead) {
    std::vector<Annotation> annotations(3);
    annotations[0].text = "begins with a note";
    annotations[1] = {10, 0.1, "QRS", 0, 0, 0, "", 0};
    annotations[2] = {20, 0.2, "N", 3, 1, -4, "", 0};
    const auto file = from_annotations(annotations, "x");
    const auto again = to_annotations(parse(encode_wfdb_annotations(file, "x")), 100);
    ASSERT_EQ(again.size(), 3U);
    EXPECT_EQ(again[0], annotations[0]);
    EXPECT_EQ(again[1], annotations[1]);
    EXPECT_EQ(again[2], annotations[2]);
    annotations[1].symbol = "two words";
    expect_input_error([&] { from_annotations(annotations, "x"); }, {"two words", "blanks"});
}

TEST(WfdbAnnotations, LongTextsAreCutBetweenCharacters) {
    std::vector<Annotation> annotations(1);
    annotations[0].sample = 1;
    annotations[0].text = std::string(254, 'x') + "\xC3\xA4";
    EXPECT_EQ(from_annotations(annotations, "x").annotations[0].text, std::string(254, 'x'));
}

TEST(WfdbAnnotations, BrokenFilesAreExplained) {
    expect_input_error([] { parse(words({word(60, 1)})); }, {"x.atr", "byte 2", "adds to one"});
    expect_input_error([] { parse(words({word(1, 1), skip, 0})); }, {"byte 6", "cut off"});
    expect_input_error(
        [] {
            parse(words({word(1, 1), word(63, 9)}) + "abc");
        },
        {"byte 4", "text that is cut off"});
    expect_input_error([] { parse(words({word(1, 1)}) + "a"); }, {"byte 2", "half a word"});
    expect_input_error([] { parse(std::string("\0N", 2) + std::string(14, '\1')); }, {"AHA"});
    WfdbAnnotationFile file;
    file.annotations.push_back({1, 1, 200, 0, 0, ""});
    expect_input_error([&] { encode_wfdb_annotations(file, "y"); }, {"y", "subtype 200", "127"});
}

TEST(WfdbAnnotations, AnAbsentFileNamesThoseThereAre) {
    CLEF_REQUIRE_SHARED("data/wfdb-formats/03700181.sqrs");
    expect_input_error(
        [] { read_annotations(testing::shared_folder() / "data/wfdb-formats/03700181", "atr"); },
        {"03700181.atr", "gqrsh, gqrsl, sqrs"});
}

// tests/data/formats/annotations.csv holds what the Python package wfdb reads.
TEST(WfdbAnnotations, EveryRealFileIsReadAsThePythonPackageReadsIt) {
    CLEF_REQUIRE_SHARED("data");
    const CsvTable table = read_csv(fs::path(CLEF_TEST_DATA) / "formats/annotations.csv");
    ASSERT_EQ(table.rows.size(), 256U);
    for (const auto& row : table.rows) {
        const auto file = read_wfdb_annotation_file(testing::shared_folder() / "data" / row[0]);
        std::size_t count = 0;
        std::uint32_t digest = 0;
        for (const WfdbAnnotation& one : file.annotations) {
            // The package takes every note at time 0 for a part of the head; rdann prints those
            // behind its end.
            if (one.tick == 0 && one.code == wfdb_note_code) continue;
            ++count;
            const std::string line =
                fmt::format("{} {} {} {} {} {}\n", one.tick, wfdb_mnemonic(one.code, file.types),
                            one.subtype, one.channel, one.number, one.text);
            for (const char c : line) digest = 31 * digest + static_cast<unsigned char>(c);
        }
        EXPECT_EQ(std::to_string(count), row[1]) << row[0];
        EXPECT_EQ(std::to_string(digest), row[2]) << row[0];
    }
}

// The writer orders its words as the WFDB library does. 12726.anI comes from an older library,
// which spelt channel 255 as −1.
TEST(WfdbAnnotations, RealFilesComeOutByteForByte) {
    CLEF_REQUIRE_SHARED("data");
    std::set<std::string> different;
    std::size_t files = 0;
    for (const char* folder : {"data/mitdb", "data/ludb/data", "data/wfdb-formats"}) {
        for (const auto& entry : fs::directory_iterator(testing::shared_folder() / folder)) {
            if (entry.path().extension() != ".hea") continue;
            for (const std::string& extension : annotation_extensions(entry.path())) {
                const fs::path path = annotation_path(entry.path(), extension);
                const std::string bytes = read_text_file(path);
                const auto file = parse(bytes);
                const std::string written = encode_wfdb_annotations(file, "x");
                EXPECT_EQ(parse(written).annotations, file.annotations) << path;
                if (written != bytes) different.insert(path.filename().string());
                ++files;
            }
        }
    }
    EXPECT_EQ(files, 255U);  // huge.qrs has no header
    EXPECT_EQ(different, std::set<std::string>{"12726.anI"});
}

TEST(WfdbAnnotations, TimesBeyond32BitsAreReadAndWritten) {
    CLEF_REQUIRE_SHARED("data/wfdb-formats/huge.qrs");
    const fs::path path = testing::shared_folder() / "data/wfdb-formats/huge.qrs";
    const auto file = read_wfdb_annotation_file(path);
    ASSERT_EQ(file.annotations.size(), 1U);
    EXPECT_EQ(file.annotations[0].tick, 10'000'000'000);
    EXPECT_EQ(encode_wfdb_annotations(file, "x"), read_text_file(path));
}

}  // namespace clef
