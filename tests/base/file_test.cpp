#include "base/file.hpp"

#include <fstream>
#include <gtest/gtest.h>
#include <utility>

#include "base/error.hpp"
#include "formats/expect_input_error.hpp"
#include "shared.hpp"

namespace clef {

namespace fs = std::filesystem;
using testing::expect_input_error;

namespace {

std::size_t entries(const fs::path& folder) {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

}  // namespace

TEST(AtomicFile, LeavesNothingBehindWhenNotCommitted) {
    const testing::TemporaryFolder folder;
    {
        AtomicFile file(folder.path() / "out.txt");
        file.write("half a fi");
        file.stream().flush();
        EXPECT_FALSE(fs::exists(folder.path() / "out.txt"));
        EXPECT_EQ(entries(folder.path()), 1u);  // the temporary one
    }
    EXPECT_EQ(entries(folder.path()), 0u);
}

TEST(AtomicFile, KeepsTheOldContentsUntilCommitted) {
    const testing::TemporaryFolder folder;
    const fs::path path = folder.path() / "out.txt";
    write_file(path, "old");
    AtomicFile file(path);
    file.write("new and longer");
    file.stream().flush();
    EXPECT_EQ(read_text_file(path), "old");
    file.commit();
    EXPECT_EQ(read_text_file(path), "new and longer");
    EXPECT_EQ(entries(folder.path()), 1u);
}

TEST(AtomicFile, AReaderOfTheOldFileKeepsSeeingIt) {
    const testing::TemporaryFolder folder;
    const fs::path path = folder.path() / "out.txt";
    write_file(path, "old");
    const MappedFile map(path);
    write_file(path, "new");
    EXPECT_EQ(map.text(), "old");
}

TEST(AtomicFile, TwoWritersOfOneNameDoNotMix) {
    const testing::TemporaryFolder folder;
    AtomicFile first(folder.path() / "out.txt");
    AtomicFile second(folder.path() / "out.txt");
    first.write("first");
    second.write("second");
    second.commit();
    first.commit();
    EXPECT_EQ(read_text_file(folder.path() / "out.txt"), "first");
}

TEST(AtomicFile, MakesMissingFolders) {
    const testing::TemporaryFolder folder;
    write_file(folder.path() / "a/b/out.txt", "x");
    EXPECT_EQ(read_text_file(folder.path() / "a/b/out.txt"), "x");
}

TEST(AtomicFile, NamesTheFileThatCannotBeWritten) {
    const testing::TemporaryFolder folder;
    write_file(folder.path() / "plain", "x");
    expect_input_error([&] { write_file(folder.path() / "plain/out.txt", "x"); },
                       {"plain", "cannot create the folder"});
    fs::create_directories(folder.path() / "folder/inside");
    try {
        write_file(folder.path() / "folder", "x");
        ADD_FAILURE() << "a folder was replaced by a file";
    } catch (const RunError& error) {
        EXPECT_NE(std::string(error.what()).find("folder"), std::string::npos);
    }
    EXPECT_EQ(entries(folder.path()), 2u);  // no temporary file stays
}

TEST(AtomicFile, ReportsAFullDisk) {
    if (!fs::exists("/dev/full")) GTEST_SKIP() << "SKIPPED: this machine has no /dev/full";
    const testing::TemporaryFolder folder;
    AtomicFile file(folder.path() / "out.txt");
    // The stream is pointed at the device that is always full; what commit() then sees is the same.
    auto& stream = static_cast<std::ofstream&>(file.stream());
    stream.close();
    stream.open("/dev/full", std::ios::binary);
    file.write(std::string(1 << 16, 'x'));
    EXPECT_THROW(file.commit(), RunError);
    EXPECT_FALSE(fs::exists(folder.path() / "out.txt"));
}

TEST(MappedFile, MapsBytesAndMoves) {
    const testing::TemporaryFolder folder;
    write_file(folder.path() / "x", std::string("a\0b", 3));
    MappedFile map(folder.path() / "x");
    EXPECT_EQ(map.bytes().size(), 3u);
    const MappedFile moved(std::move(map));
    EXPECT_EQ(moved.text(), std::string_view("a\0b", 3));
}

// Small files are copied, larger ones mapped.
TEST(MappedFile, FilesOfEverySizeAreWhole) {
    const testing::TemporaryFolder folder;
    for (const std::size_t size :
         {std::size_t{1}, std::size_t{1} << 18, (std::size_t{1} << 18) + 1, std::size_t{1} << 20}) {
        std::string text(size, ' ');
        for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 31 % 251);
        write_file(folder.path() / "x", text);
        MappedFile file(folder.path() / "x");
        EXPECT_EQ(file.text(), text) << size;
        file = MappedFile(folder.path() / "x");
        EXPECT_EQ(file.text(), text) << size;
        EXPECT_EQ(reinterpret_cast<std::uintptr_t>(file.bytes().data()) % 64, 0U) << size;
    }
}

TEST(MappedFile, AnEmptyFileIsAnEmptySpan) {
    const testing::TemporaryFolder folder;
    write_file(folder.path() / "x", "");
    EXPECT_TRUE(MappedFile(folder.path() / "x").bytes().empty());
    EXPECT_TRUE(MappedFile(folder.path() / "x").text().empty());
}

TEST(MappedFile, NamesWhatIsNoFile) {
    const testing::TemporaryFolder folder;
    expect_input_error([&] { MappedFile map(folder.path()); },
                       {folder.path().string(), "expected a file"});
    expect_input_error([&] { MappedFile map(folder.path() / "none"); }, {"none", "cannot open"});
    expect_input_error([] { MappedFile map("/dev/null"); }, {"/dev/null", "expected a file"});
}

TEST(ReadTextFile, RefusesMoreThanItsLimit) {
    const testing::TemporaryFolder folder;
    write_file(folder.path() / "x", "12345");
    EXPECT_EQ(read_text_file(folder.path() / "x", 5), "12345");
    expect_input_error([&] { read_text_file(folder.path() / "x", 4); }, {"5 bytes", "at most 4"});
}

}  // namespace clef
