// PyTorch checkpoints and the zip archives around them, read back by small readers of their own.
#include <cstring>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "base/file.hpp"
#include "encoder/export.hpp"
#include "encoder/pickle_writer.hpp"
#include "encoder/stored_zip_writer.hpp"
#include "encoder/torch_zip_writer.hpp"
#include "procedural.hpp"
#include "shared.hpp"

namespace clef {

using testing::TemporaryFolder;

namespace {

template <typename Number>
std::uint64_t number_at(const std::string& bytes, std::size_t position) {
    Number number = 0;
    std::memcpy(&number, bytes.data() + position, sizeof number);
    return number;
}

struct ZipEntry {
    std::string name;
    std::string contents;
    std::size_t begins = 0;
    bool zip64 = false;
};

// By the central directory, as readers do; every field that is said twice must agree.
std::vector<ZipEntry> read_zip(const std::string& bytes) {
    const std::size_t end = bytes.size() - 22;  // no comment
    EXPECT_EQ(number_at<std::uint32_t>(bytes, end), 0x06054b50U);
    std::uint64_t count = number_at<std::uint16_t>(bytes, end + 10);
    std::uint64_t at = number_at<std::uint32_t>(bytes, end + 16);
    if (at == 0xFFFFFFFF) {
        EXPECT_EQ(number_at<std::uint32_t>(bytes, end - 20), 0x07064b50U);
        const auto long_end = number_at<std::uint64_t>(bytes, end - 12);
        EXPECT_EQ(number_at<std::uint32_t>(bytes, long_end), 0x06064b50U);
        count = number_at<std::uint64_t>(bytes, long_end + 32);
        at = number_at<std::uint64_t>(bytes, long_end + 48);
    }
    std::vector<ZipEntry> entries;
    for (; count > 0; --count) {
        EXPECT_EQ(number_at<std::uint32_t>(bytes, at), 0x02014b50U);
        EXPECT_EQ(number_at<std::uint16_t>(bytes, at + 10), 0U) << "stored";
        const auto checksum = number_at<std::uint32_t>(bytes, at + 16);
        std::uint64_t size = number_at<std::uint32_t>(bytes, at + 24);
        std::uint64_t local = number_at<std::uint32_t>(bytes, at + 42);
        const auto name = number_at<std::uint16_t>(bytes, at + 28);
        const auto extra = number_at<std::uint16_t>(bytes, at + 30);
        ZipEntry entry{bytes.substr(at + 46, name), "", 0, extra > 0};
        std::size_t field = at + 46 + name + 4;
        if (size == 0xFFFFFFFF) {
            size = number_at<std::uint64_t>(bytes, field);
            field += 16;
        }
        if (local == 0xFFFFFFFF) local = number_at<std::uint64_t>(bytes, field);
        EXPECT_EQ(number_at<std::uint32_t>(bytes, local), 0x04034b50U);
        EXPECT_EQ(number_at<std::uint32_t>(bytes, local + 14), checksum);
        EXPECT_EQ(bytes.substr(local + 30, name), entry.name);
        entry.begins = local + 30 + name + number_at<std::uint16_t>(bytes, local + 28);
        entry.contents = bytes.substr(entry.begins, size);
        EXPECT_EQ(testing::crc32(entry.contents), checksum) << entry.name;
        entries.push_back(entry);
        at += 46 + name + extra;
    }
    return entries;
}

std::vector<ZipEntry> written_zip(std::uint64_t zip64_from) {
    const TemporaryFolder folder;
    AtomicFile file(folder.path() / "z");
    StoredZipWriter zip(file, zip64_from);
    zip.add("a", std::string(100, 'x'));
    zip.add("folder/empty", std::string());
    zip.add("b", std::string("hello"));
    zip.finish();
    file.commit();
    return read_zip(read_text_file(folder.path() / "z"));
}

}  // namespace

TEST(StoredZip, EntriesAreStoredOnMultiplesOf64) {
    const auto entries = written_zip(0xFFFFFFFF);
    ASSERT_EQ(entries.size(), 3U);
    EXPECT_EQ(entries[0].contents, std::string(100, 'x'));
    EXPECT_EQ(entries[1].name, "folder/empty");
    EXPECT_EQ(entries[1].contents, "");
    EXPECT_EQ(entries[2].contents, "hello");
    for (const ZipEntry& entry : entries) {
        EXPECT_EQ(entry.begins % 64, 0U) << entry.name;
        EXPECT_FALSE(entry.zip64);
    }
}

TEST(StoredZip, LargeSizesAndOffsetsAreWrittenIn64Bits) {
    const auto sizes = written_zip(50);  // the first entry by its size, the others by their offset
    ASSERT_EQ(sizes.size(), 3U);
    EXPECT_EQ(sizes[0].contents, std::string(100, 'x'));
    EXPECT_EQ(sizes[2].contents, "hello");
    for (const ZipEntry& entry : sizes) {
        EXPECT_EQ(entry.begins % 64, 0U) << entry.name;
        EXPECT_TRUE(entry.zip64);
    }
}

// Opcodes as Python's pickletools names them.
TEST(PickleWriter, WritesProtocolTwo) {
    PickleWriter pickle;
    pickle.global("m", "f");
    pickle.integers({1, std::int64_t{1} << 40});
    pickle.call();
    pickle.text("é");
    pickle.boolean(false);
    const std::string expected = std::string("\x80\x02") + "cm\nf\n" + "(" +
                                 std::string("J\x01\0\0\0", 5) +
                                 std::string("\x8a\x08\0\0\0\0\0\x01\0\0", 10) + "tR" +
                                 std::string("X\x02\0\0\0", 5) + "é" + "\x89" + ".";
    EXPECT_EQ(pickle.finish(), expected);
}

TEST(TorchCheckpoint, HoldsOneEntryOfRawBytesPerTensor) {
    const TemporaryFolder folder;
    const Tensor weight = Tensor::from({2, 3}, std::vector<float>{1, 2, 3, 4, 5, 6});
    const Tensor count = Tensor::zeros({}, ElementType::int64);
    const Tensor half = Tensor::zeros({5}, ElementType::float16);
    write_torch_checkpoint({{"w", &weight}, {"n", &count}, {"h", &half}}, "{}",
                           folder.path() / "m.pth");
    std::map<std::string, std::string> contents;
    for (const ZipEntry& entry : read_zip(read_text_file(folder.path() / "m.pth"))) {
        contents[entry.name] = entry.contents;
    }
    EXPECT_EQ(contents.at("archive/version"), "3\n");
    EXPECT_EQ(contents.at("archive/byteorder"), "little");
    EXPECT_EQ(contents.at("archive/clef.json"), "{}");
    EXPECT_EQ(contents.at("archive/data/0").size(), 24U);
    EXPECT_EQ(number_at<std::uint32_t>(contents.at("archive/data/0"), 20), 0x40C00000U);  // 6.0F
    EXPECT_EQ(contents.at("archive/data/1").size(), 8U);
    EXPECT_EQ(contents.at("archive/data/2").size(), 10U);
    const std::string& pickle = contents.at("archive/data.pkl");
    for (const char* words : {"ctorch\nFloatStorage\n", "ctorch\nLongStorage\n",
                              "ctorch\nHalfStorage\n", "ccollections\nOrderedDict\n"}) {
        EXPECT_NE(pickle.find(words), std::string::npos) << words;
    }
    EXPECT_LT(pickle.find("FloatStorage"), pickle.find("LongStorage"));  // in the order given
}

TEST(TorchCheckpoint, AModelsTensorsComeInUpstreamsOrderAndBitForBit) {
    const TemporaryFolder folder;
    const Model model = testing::procedural_model("clef-small");
    write_torch(model, folder.path() / "m.pth");
    const auto entries = read_zip(read_text_file(folder.path() / "m.pth"));
    std::map<std::string, std::string> contents;
    for (const ZipEntry& entry : entries) contents[entry.name] = entry.contents;
    const auto specs = net1d_tensors(model.shape);
    std::size_t last = 0;
    for (std::size_t i = 0; i < specs.size(); ++i) {
        const auto& data = model.tensors.at(specs[i].name).data;
        const std::string bytes(reinterpret_cast<const char*>(data.data()), data.size());
        ASSERT_EQ(contents.at(fmt::format("archive/data/{}", i)), bytes) << specs[i].name;
        const std::size_t place = contents.at("archive/data.pkl").find(specs[i].name);
        ASSERT_NE(place, std::string::npos) << specs[i].name;
        EXPECT_GE(place, last) << specs[i].name;
        last = place;
    }
    const auto note = nlohmann::json::parse(contents.at("archive/clef.json"));
    EXPECT_EQ(note.at("architecture").at("name"), "clef-small");
    EXPECT_EQ(parse_recipe(note.at("recipe"), "m.pth"), model.recipe);
}

}  // namespace clef
