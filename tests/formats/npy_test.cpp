#include "formats/npy.hpp"

#include <gtest/gtest.h>

#include "base/file.hpp"
#include "formats/expect_input_error.hpp"
#include "shared.hpp"

namespace clef {

using testing::expect_input_error;

TEST(Npy, RoundTripKeepsShapeAndValues) {
    const testing::TemporaryFolder folder;
    const auto path = folder.path() / "x.npy";
    const std::vector<float> values{1.5F, -2, 3, 4, 5, 6};
    for (const std::vector<std::size_t>& shape : {std::vector<std::size_t>{6}, {2, 3}, {1, 6, 1}}) {
        write_npy(path, values, shape);
        const NpyArray back = read_npy(path);
        EXPECT_EQ(back.shape, shape);
        EXPECT_EQ(back.values, values);
    }
    write_npy(path, {}, {0, 12});
    EXPECT_EQ(read_npy(path).shape, (std::vector<std::size_t>{0, 12}));
}

TEST(Npy, HeaderIsTheOneNumpyWrites) {
    const std::string vector = npy_header({5000});
    EXPECT_EQ(vector.size(), 128U);
    EXPECT_EQ(vector.substr(0, 10), std::string("\x93NUMPY\x01\x00\x76\x00", 10));
    EXPECT_EQ(vector.substr(10, 61),
              "{'descr': '<f4', 'fortran_order': False, 'shape': (5000,), } ");
    EXPECT_EQ(vector.back(), '\n');
    EXPECT_NE(npy_header({2, 3}).find("'shape': (2, 3), }"), std::string::npos);
}

TEST(Npy, FilesWrittenByNumpyAreReadAndWrittenBackByteForByte) {
    CLEF_REQUIRE_SHARED("goldens/preprocess");
    const testing::TemporaryFolder folder;
    int files = 0;
    for (const auto& entry :
         std::filesystem::directory_iterator(testing::shared_folder() / "goldens/preprocess")) {
        const std::string original = read_text_file(entry.path());
        if (original.find("'<f4'") == std::string::npos) continue;
        const NpyArray array = read_npy(entry.path());
        write_npy(folder.path() / "copy.npy", array.values, array.shape);
        EXPECT_EQ(read_text_file(folder.path() / "copy.npy"), original) << entry.path();
        ++files;
    }
    EXPECT_GT(files, 10);
}

TEST(Npy, DoublesAreNarrowed) {
    const testing::TemporaryFolder folder;
    std::string text = npy_header({2});
    text.replace(text.find("<f4"), 3, "<f8");
    const double values[2] = {0.1, -7};
    text.append(reinterpret_cast<const char*>(values), sizeof(values));
    write_file(folder.path() / "x.npy", text);
    EXPECT_EQ(read_npy(folder.path() / "x.npy").values, (std::vector<float>{0.1F, -7}));
}

TEST(Npy, FaultsAreNamed) {
    const testing::TemporaryFolder folder;
    const auto path = folder.path() / "x.npy";
    const std::string good = npy_header({2}) + std::string(8, '\0');
    const auto fails = [&](const std::string& from, const std::string& to,
                           std::initializer_list<std::string> words) {
        std::string text = good;
        text.replace(text.find(from), from.size(), to);
        write_file(path, text);
        expect_input_error([&] { read_npy(path); }, words);
    };
    fails("\x93NUMPY", "NUMPY!", {"x.npy", "not a NumPy"});
    fails("'<f4'", "'<i4'", {"'<i4'", "'<f4'"});
    fails("'<f4'", "'>f4'", {"'>f4'"});
    fails("False", "True ", {"Fortran"});
    fails("(2,)", "(3,)", {"cut off", "(3,)"});
    fails("(2,)", "(4611686018427387904, 4611686018427387904)", {"too few"});
    fails("(2,)", "(-2,)", {"shape"});
    fails("(2,)", "(2", {"shape"});
    fails("'shape'", "'shade'", {"no shape"});
    write_file(path, good.substr(0, 40));
    expect_input_error([&] { read_npy(path); }, {"cut off"});
    expect_input_error([&] { read_npy(folder.path() / "none.npy"); }, {"none.npy"});
}

}  // namespace clef
