#include "encoder/safetensors.hpp"

#include <cstring>
#include <gtest/gtest.h>

#include "base/file.hpp"
#include "base/random.hpp"
#include "formats/expect_input_error.hpp"
#include "shared.hpp"

namespace clef {

using testing::expect_input_error;
using testing::TemporaryFolder;

namespace {

// A file put together by hand: header length, header, data.
std::string raw(const std::string& header, std::size_t data_bytes) {
    std::string text(8, '\0');
    const std::uint64_t length = header.size();
    std::memcpy(text.data(), &length, 8);
    text += header;
    for (std::size_t i = 0; i < data_bytes; ++i) text += static_cast<char>(i);
    return text;
}

void refuse(const std::string& bytes, std::initializer_list<std::string> words) {
    const TemporaryFolder folder;
    write_file(folder.path() / "x.safetensors", bytes);
    expect_input_error([&] { read_safetensors(folder.path() / "x.safetensors"); }, words);
    expect_input_error([&] { read_safetensors(folder.path() / "x.safetensors"); },
                       {"x.safetensors"});
}

SafetensorsFile example() {
    SafetensorsFile file;
    file.metadata = {{"format", "pt"}, {"text", "ü \"quoted\" \n {}"}};
    file.tensors["b.weight"] =
        Tensor::from({2, 1, 3}, std::vector<float>{1, -2, 3.5, 0, 1e-30F, 6});
    file.tensors["a.count"] = Tensor::zeros({}, ElementType::int64);
    const std::int64_t count = -1234567890123;
    std::memcpy(file.tensors["a.count"].data.data(), &count, sizeof count);
    file.tensors["c.empty"] = Tensor::zeros({0, 4});
    file.tensors["d.bytes"] = Tensor::zeros({3}, ElementType::uint8);
    file.tensors["e.half"] = Tensor::zeros({2}, ElementType::bfloat16);
    return file;
}

}  // namespace

TEST(Safetensors, WhatIsWrittenIsReadBack) {
    const TemporaryFolder folder;
    const SafetensorsFile written = example();
    write_safetensors(written, folder.path() / "x.safetensors");
    const SafetensorsFile found = read_safetensors(folder.path() / "x.safetensors");
    EXPECT_EQ(found.metadata, written.metadata);
    ASSERT_EQ(found.tensors.size(), written.tensors.size());
    for (const auto& [name, tensor] : written.tensors) {
        const Tensor& other = found.tensors.at(name);
        EXPECT_EQ(other.type, tensor.type) << name;
        EXPECT_EQ(other.shape, tensor.shape) << name;
        EXPECT_EQ(other.data, tensor.data) << name;
    }
}

TEST(Safetensors, TheSameContentsGiveTheSameBytesAndAlignedData) {
    const TemporaryFolder folder;
    write_safetensors(example(), folder.path() / "1");
    write_safetensors(example(), folder.path() / "2");
    const std::string bytes = read_text_file(folder.path() / "1");
    EXPECT_EQ(bytes, read_text_file(folder.path() / "2"));
    std::uint64_t length = 0;
    std::memcpy(&length, bytes.data(), 8);
    EXPECT_EQ(length % 8, 0U);
}

TEST(Safetensors, ReadsTheLayoutThatPythonWrites) {
    // Python's writer puts larger element types first, whatever the names, and no blanks inside.
    const std::string header =
        R"({"__metadata__":{"format":"pt"},"z":{"dtype":"I64","shape":[],"data_offsets":[0,8]},)"
        R"("a":{"dtype":"F32","shape":[2,1],"data_offsets":[8,16]}}   )";
    std::string bytes = raw(header, 0);
    const std::int64_t count = 42;
    const float values[2] = {1.5F, -0.25F};
    bytes.append(reinterpret_cast<const char*>(&count), sizeof count);
    bytes.append(reinterpret_cast<const char*>(values), sizeof values);
    const TemporaryFolder folder;
    write_file(folder.path() / "x", bytes);
    const SafetensorsFile file = read_safetensors(folder.path() / "x");
    EXPECT_EQ(file.metadata.at("format"), "pt");
    EXPECT_TRUE(file.tensors.at("z").shape.empty());
    std::int64_t found = 0;
    std::memcpy(&found, file.tensors.at("z").data.data(), sizeof found);
    EXPECT_EQ(found, 42);
    EXPECT_EQ(file.tensors.at("a").shape, (Shape{2, 1}));
    EXPECT_EQ(file.tensors.at("a").floats()[1], -0.25F);
}

TEST(Safetensors, RefusesFilesWithoutAPlausibleHeader) {
    refuse("", {"0 bytes"});
    refuse("1234567", {"7 bytes"});
    std::string huge = raw("{}", 0);
    std::memset(huge.data(), 0xFF, 8);
    refuse(huge, {"length 18446744073709551615"});
    std::string beyond = raw("{}", 0);
    beyond[0] = 3;
    refuse(beyond, {"length 3 in a file of 10 bytes"});
    refuse(raw("[]", 0), {"no safetensors header"});
}

TEST(Safetensors, RefusesHeadersThatAreNoProperJson) {
    refuse(raw("{\"a\":", 0), {"not valid JSON"});
    refuse(raw("{\"a\xFF\":1}", 0), {"not valid JSON"});
    refuse(raw("{\"a\":" + std::string(100'000, '[') + "}", 0), {"nested too deeply"});
    refuse(raw(R"({"__metadata__":{"k":1}})", 0), {"metadata 'k' is not a string"});
    refuse(raw(R"({"__metadata__":"k"})", 0), {"__metadata__"});
}

TEST(Safetensors, NamesTheTensorWhoseEntryIsMalformed) {
    refuse(raw(R"({"w":1})", 0), {"tensor 'w'", "malformed"});
    refuse(raw(R"({"w":{"dtype":"F32","shape":[1]}})", 4), {"tensor 'w'", "data_offsets"});
    refuse(raw(R"({"w":{"dtype":"F8_E4M3","shape":[4],"data_offsets":[0,4]}})", 4),
           {"tensor 'w'", "'F8_E4M3'"});
    refuse(raw(R"({"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}})", 8),
           {"tensor 'w'", "two"});
    for (const char* shape : {"[-1]", "[1.5]", "[true]", "7", "[\"1\"]", "[1e3]"}) {
        refuse(
            raw(fmt::format(R"({{"w":{{"dtype":"F32","shape":{},"data_offsets":[0,4]}}}})", shape),
                4),
            {"tensor 'w'", "whole, non-negative"});
    }
    refuse(raw(R"({"w":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,4]}})", 4),
           {"tensor 'w'", "more elements"});
    refuse(raw(R"({"w":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}})", 4),
           {"tensor 'w'", "non-negative"});
}

TEST(Safetensors, NamesTheTensorWhoseBytesAreMisplaced) {
    // Beyond the file, wrong size for the shape, reversed, overlapping, a hole, trailing bytes.
    refuse(raw(R"({"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 7),
           {"tensor 'w'", "7 bytes"});
    refuse(raw(R"({"w":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})", 4),
           {"tensor 'w'", "4 bytes, expected 8"});
    refuse(raw(R"({"w":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}})", 4), {"tensor 'w'"});
    refuse(raw(R"({"v":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},)"
               R"("w":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}})",
               12),
           {"tensor 'w'", "follow on byte 8"});
    refuse(raw(R"({"v":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
               R"("w":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}})",
               12),
           {"tensor 'w'", "follow on byte 4"});
    refuse(raw(R"({"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", 6), {"2 bytes follow"});
}

TEST(Safetensors, EveryTruncationIsAnError) {
    const TemporaryFolder folder;
    write_safetensors(example(), folder.path() / "whole");
    const std::string bytes = read_text_file(folder.path() / "whole");
    for (std::size_t length = 0; length < bytes.size(); ++length) {
        const auto path = folder.path() / "cut";
        std::ofstream(path, std::ios::binary) << bytes.substr(0, length);
        EXPECT_THROW(read_safetensors(path), InputError) << length;
    }
}

TEST(Safetensors, DamagedHeadersAreErrorsOrReadButNeverCrash) {
    const TemporaryFolder folder;
    write_safetensors(example(), folder.path() / "whole");
    const std::string bytes = read_text_file(folder.path() / "whole");
    int refused = 0;
    for (std::uint64_t sample = 0; sample < 500; ++sample) {
        Random random(1, "damage", 0, sample);
        std::string damaged = bytes;
        for (int i = 0; i < 3; ++i) {
            damaged[random.below(damaged.size())] = static_cast<char>(random.below(256));
        }
        const auto path = folder.path() / "damaged";
        std::ofstream(path, std::ios::binary) << damaged;
        try {
            read_safetensors(path);
        } catch (const InputError&) {
            ++refused;
        }
    }
    EXPECT_GT(refused, 250);
}

}  // namespace clef
