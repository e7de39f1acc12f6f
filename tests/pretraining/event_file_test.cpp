// Event files byte by byte. That TensorBoard itself reads them, scripts/check-tensorboard.sh says.
#include "pretraining/event_file.hpp"

#include <cstring>
#include <gtest/gtest.h>

#include "base/file.hpp"
#include "shared.hpp"

namespace clef {
namespace {

TEST(EventFile, ChecksumsAreThoseOfTheStandard) {
    // RFC 3720, section B.4, and the check value of every CRC catalogue.
    EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8A9136AAU);
    EXPECT_EQ(crc32c(std::string(32, '\xFF')), 0x62A8AB43U);
    EXPECT_EQ(crc32c("123456789"), 0xE3069283U);
}

template <typename Number>
Number number_at(const std::string& bytes, std::size_t place) {
    Number number{};
    std::memcpy(&number, bytes.data() + place, sizeof number);
    return number;
}

std::uint32_t unmasked(std::uint32_t crc) {
    const std::uint32_t rotated = crc - 0xA282EAD8U;
    return (rotated >> 17) | (rotated << 15);
}

// The messages of a file, their frames checked.
std::vector<std::string> messages_of(const std::filesystem::path& path) {
    const std::string bytes = read_text_file(path);
    std::vector<std::string> messages;
    for (std::size_t at = 0; at < bytes.size();) {
        const auto size = number_at<std::uint64_t>(bytes, at);
        EXPECT_EQ(unmasked(number_at<std::uint32_t>(bytes, at + 8)), crc32c(bytes.substr(at, 8)));
        messages.push_back(bytes.substr(at + 12, size));
        EXPECT_EQ(unmasked(number_at<std::uint32_t>(bytes, at + 12 + size)),
                  crc32c(messages.back()));
        at += 16 + size;
    }
    return messages;
}

TEST(EventFile, HoldsAVersionAndThenScalars) {
    const testing::TemporaryFolder folder;
    EventFile file(folder.path() / "run", 0);
    const std::vector<std::pair<std::string, double>> scalars = {{"loss", 1.5}, {"rank", 2}};
    file.add(300, scalars);
    const auto messages = messages_of(file.path());  // while it is still open
    ASSERT_EQ(messages.size(), 2U);
    // Field 1 as a double, field 2 as a varint, field 3 of 13 bytes.
    EXPECT_EQ(messages[0][0], '\x09');
    EXPECT_GT(number_at<double>(messages[0], 1), 1.6e9);
    EXPECT_EQ(messages[0].substr(9), std::string("\x10\x00\x1A\x0D"
                                                 "brain.Event:2",
                                                 17));
    std::string summary(
        "\x0A\x0B\x0A\x04"
        "loss\x15\x00\x00\xC0\x3F",
        13);
    summary += std::string(
        "\x0A\x0B\x0A\x04"
        "rank\x15\x00\x00\x00\x40",
        13);
    EXPECT_EQ(messages[1].substr(9), std::string("\x10\xAC\x02\x2A\x1A", 5) + summary);
}

TEST(EventFile, ARunTakenUpAgainSaysWhereInAFileOfItsOwn) {
    const testing::TemporaryFolder folder;
    const EventFile first(folder.path(), 0);
    const EventFile second(folder.path(), 40);
    EXPECT_NE(first.path(), second.path());
    const auto messages = messages_of(second.path());
    ASSERT_EQ(messages.size(), 2U);
    EXPECT_EQ(messages[1].substr(9), std::string("\x10\x28\x3A\x02\x08\x01", 6));
}

}  // namespace
}  // namespace clef
