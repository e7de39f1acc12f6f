#include "base/digest.hpp"

#include <gtest/gtest.h>
#include <string_view>

namespace clef {
namespace {

std::span<const std::byte> bytes(std::string_view text) {
    return std::as_bytes(std::span(text));
}

}  // namespace

// RFC 1321, appendix A.5.
TEST(Md5, GivesThePublishedDigests) {
    EXPECT_EQ(md5(bytes("")), "d41d8cd98f00b204e9800998ecf8427e");
    EXPECT_EQ(md5(bytes("a")), "0cc175b9c0f1b6a831c399e269772661");
    EXPECT_EQ(md5(bytes("abc")), "900150983cd24fb0d6963f7d28e17f72");
    EXPECT_EQ(md5(bytes("message digest")), "f96b697d7cb7938d525a2f31aaf161d0");
    EXPECT_EQ(md5(bytes("1234567890123456789012345678901234567890"
                        "1234567890123456789012345678901234567890")),
              "57edf4a22be3c955ac49da2e2107b67a");
}

// FIPS 180-2, appendix B, and the digest of nothing.
TEST(Sha256, GivesThePublishedDigests) {
    EXPECT_EQ(sha256(bytes("")),
              "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(sha256(bytes("abc")),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(sha256(bytes("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
              "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    const std::string million(1'000'000, 'a');
    EXPECT_EQ(sha256(bytes(million)),
              "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Digest, PiecesGiveWhatTheWholeGives) {
    std::string text;
    for (int i = 0; i < 300; ++i) text += static_cast<char>(i * 7);
    for (std::size_t cut = 0; cut <= text.size(); cut += 13) {
        Md5 pieces;
        pieces.update(bytes(std::string_view(text).substr(0, cut)));
        pieces.update(bytes(std::string_view(text).substr(cut)));
        EXPECT_EQ(pieces.hex(), md5(bytes(text))) << cut;
        Sha256 other;
        other.update(bytes(std::string_view(text).substr(0, cut)));
        other.update(bytes(std::string_view(text).substr(cut)));
        EXPECT_EQ(other.hex(), sha256(bytes(text))) << cut;
    }
}

// Every length around the ends of the 64-byte blocks, against Python's hashlib.
TEST(Digest, PadsEveryLengthAroundABlock) {
    Sha256 all;
    Md5 all_md5;
    for (std::size_t n = 50; n < 140; ++n) {
        const std::string text(n, 'x');
        all.update(bytes(sha256(bytes(text))));
        all_md5.update(bytes(md5(bytes(text))));
    }
    EXPECT_EQ(all.hex(), "d6041fb903d261f2cedbf1bb1486d94079e2d3c8f46f8dfce86c53f81c346b1f");
    EXPECT_EQ(all_md5.hex(), "c28c371d5e48cc07c4c06c216f26bd92");
}

}  // namespace clef
