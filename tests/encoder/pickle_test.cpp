#include "encoder/pickle.hpp"

#include <gtest/gtest.h>

#include "formats/expect_input_error.hpp"

namespace clef {

using testing::expect_input_error;
using Kind = PickleNode::Kind;

namespace {

Pickle read(std::string_view text, const PickleLimits& limits = {}) {
    return unpickle(std::as_bytes(std::span(text)), "x.pth", limits);
}

void refuse(std::string_view text, std::initializer_list<std::string> words) {
    expect_input_error([&] { read(text); }, words);
    expect_input_error([&] { read(text); }, {"x.pth"});
}

// Bytes with embedded zeros.
template <std::size_t N>
std::string_view raw(const char (&text)[N]) {
    return {text, N - 1};
}

}  // namespace

// Python: pickle.dumps({"a": [1, -2, 2.5, True, None], "b": ("ü", b"\x00\xff")}, protocol)
TEST(Pickle, ReadsTheSameValueInEveryProtocol) {
    const std::string_view pickles[] = {
        raw("(dp0\nVa\np1\n(lp2\nI1\naI-2\naF2.5\naI01\naNasVb\np3\n(V\xfc\np4\nc_"
            "codecs\nencode\np5"
            "\n(V\\u0000\xff\np6\nVlatin1\np7\ntp8\nRp9\ntp10\ns."),
        raw("\x80\x02}q\x00(X\x01\x00\x00\x00"
            "aq\x01]q\x02(K\x01J\xfe\xff\xff\xffG@\x04\x00\x00\x00\x00\x00\x00\x88Ne"
            "X\x01\x00\x00\x00"
            "bq\x03X\x02\x00\x00\x00\xc3\xbcq\x04U\x02\x00\xff\x86q\x05u."),
        raw("\x80\x04\x95\x2d\x00\x00\x00\x00\x00\x00\x00}\x94(\x8c\x01"
            "a\x94]\x94(K\x01J\xfe\xff\xff\xffG@\x04\x00\x00\x00\x00\x00\x00\x88Ne\x8c\x01"
            "b\x94\x8c\x02\xc3\xbc\x94"
            "C\x02\x00\xff\x94\x86\x94u."),
    };
    for (const std::string_view text : pickles) {
        const Pickle pickle = read(text);
        EXPECT_EQ(pickle.bytes, text.size());
        const PickleNode* list = pickle.find(pickle.top(), "a");
        ASSERT_NE(list, nullptr);
        ASSERT_EQ(list->items.size(), 5U);
        EXPECT_EQ(pickle.item(*list, 0).integer, 1);
        EXPECT_EQ(pickle.item(*list, 1).integer, -2);
        EXPECT_EQ(pickle.item(*list, 2).real, 2.5);
        EXPECT_EQ(pickle.item(*list, 3).kind, Kind::boolean);
        EXPECT_EQ(pickle.item(*list, 3).integer, 1);
        EXPECT_EQ(pickle.item(*list, 4).kind, Kind::none);
        const PickleNode* pair = pickle.find(pickle.top(), "b");
        ASSERT_NE(pair, nullptr);
        EXPECT_EQ(pair->kind, Kind::tuple);
        EXPECT_EQ(pickle.item(*pair, 0).text, "ü");
    }
}

TEST(Pickle, ReadsWholeNumbersOfAnySize) {
    EXPECT_EQ(read(raw("\x80\x02\x8a\x00.")).top().integer, 0);
    EXPECT_EQ(read(raw("\x80\x02\x8a\x01\xff.")).top().integer, -1);
    EXPECT_EQ(read(raw("\x80\x02\x8a\x02\x00\xff.")).top().integer, -256);
    EXPECT_EQ(read(raw("\x80\x02\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f.")).top().integer,
              std::numeric_limits<std::int64_t>::max());
    const Pickle big = read(raw("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."));
    EXPECT_EQ(big.top().kind, Kind::big_integer);
    EXPECT_EQ(read("L-5L\n.").top().integer, -5);
}

TEST(Pickle, AnUnknownClassBecomesAnInertNote) {
    // A class's instance with a state, a key set on it and items added: only the name is kept.
    const Pickle pickle = read("ccallbacks\nBest\n)R}Vscore\nI1\nsbVk\nI2\ns.");
    EXPECT_EQ(pickle.top().kind, Kind::object);
    EXPECT_EQ(pickle.item(pickle.top(), 0).text, "callbacks.Best");
    EXPECT_EQ(pickle.find(pickle.top(), "score"), nullptr);
    EXPECT_EQ(pickle.find(pickle.top(), "k")->integer, 2);
}

TEST(Pickle, RefusesWhatWouldRunCommands) {
    const std::vector<std::string_view> hostile = {
        "cos\nsystem\n(S'echo harm'\ntR.",    "cposix\nsystem\n(S'echo harm'\ntR.",
        "(S'echo harm'\nios\nsystem\n.",      "csubprocess\nPopen\n(S'echo harm'\ntR.",
        "cbuiltins\neval\n(S'1'\ntR.",        "c__builtin__\nexec\n(S'1'\ntR.",
        "cimportlib._bootstrap\n_load\n(tR.",
    };
    for (const std::string_view text : hostile) refuse(text, {"nothing was run", "do not trust"});
    refuse(raw("\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x04harm\x85R."), {"os.system"});
}

TEST(Pickle, RefusesDamage) {
    refuse("", {"truncated"});
    refuse("I1\n", {"truncated"});
    refuse("I1", {"ends in the middle of a line"});
    refuse(raw("X\xff\xff\xff\xffshort."), {"truncated"});
    refuse(raw("\x8d\xff\xff\xff\xff\xff\xff\xff\xffshort."), {"truncated"});
    refuse(".", {"where there is none"});
    refuse("(.", {"where there is none"});
    refuse("t.", {"was not begun"});
    refuse("}I1\na.", {"no list"});
    refuse("]I1\nI2\ns.", {"no dict"});
    refuse("(I1\nd.", {"key without a value"});
    refuse("h\x01.", {"memo entry 1 was never made"});
    refuse("g-3\n.", {"memo entry"});
    refuse("\x80\x09N.", {"protocol 9"});
    refuse("!", {"unknown instruction 0x21"});
    refuse("I1\nI2\n\x93.", {"no text"});
    refuse("\x97.", {"outside of the file"});
    refuse(raw("\x82\x01."), {"extension"});
}

TEST(Pickle, ACycleIsBuiltAndFreedWithoutFollowingIt) {
    const Pickle pickle = read("]p0\ng0\na.");  // a list that contains itself
    ASSERT_EQ(pickle.top().items.size(), 1U);
    EXPECT_EQ(pickle.top().items[0], pickle.root);
}

TEST(Pickle, DeepNestingIsRefusedOrCostsNothing) {
    refuse(std::string(100'000, '('), {"nested more than 1000 deep"});
    refuse(std::string(1'100'000, ']'), {"nested too deeply"});
    const std::string deep = std::string(100'000, ']') + std::string(99'999, 'a') + ".";
    EXPECT_EQ(read(deep).top().items.size(), 1U);
}

TEST(Pickle, AMemoBombStaysAsSmallAsItIsWritten) {
    // Thirty lists, each of ten times the one before: 10^30 elements for whoever expands them.
    std::string bomb = "(Vlaugh\nlp0\n";
    for (int level = 1; level <= 30; ++level) {
        bomb += "(";
        for (int i = 0; i < 10; ++i) bomb += fmt::format("g{}\n", level - 1);
        bomb += fmt::format("lp{}\n", level);
    }
    const Pickle pickle = read(bomb + ".");
    EXPECT_EQ(pickle.top().items.size(), 10U);
    EXPECT_LT(pickle.nodes.size(), 40U);
}

TEST(Pickle, HoldsToItsLimits) {
    PickleLimits limits;
    limits.nodes = 3;
    expect_input_error([&] { read("(I1\nI2\nI3\nI4\nt.", limits); }, {"more than 3 values"});
    limits = {};
    limits.stack = 2;
    expect_input_error([&] { read("(I1\nI2\nI3\nI4\nt.", limits); }, {"nested too deeply"});
}

}  // namespace clef
