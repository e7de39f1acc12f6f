// ONNX files, read back by a small protobuf reader of its own. What ONNX Runtime makes of them is
// scripts/check-exports.sh's to say.
#include <gtest/gtest.h>
#include <set>

#include "base/file.hpp"
#include "encoder/onnx/export.hpp"
#include "encoder/onnx/graph.hpp"
#include "encoder/onnx/net1d_graph.hpp"
#include "encoder/onnx/wire.hpp"
#include "formats/expect_input_error.hpp"
#include "procedural.hpp"
#include "shared.hpp"

namespace clef {

using testing::expect_input_error;
using testing::TemporaryFolder;

namespace {

// Fields of one message by number, in their order; numbers as text.
using Fields = std::multimap<std::uint64_t, std::string>;

std::uint64_t read_varint(const std::string& bytes, std::size_t& at) {
    std::uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
        const auto byte = static_cast<unsigned char>(bytes.at(at++));
        value |= std::uint64_t{byte & 0x7FU} << shift;
        if (byte < 0x80) return value;
    }
}

Fields parse(const std::string& bytes) {
    Fields fields;
    for (std::size_t at = 0; at < bytes.size();) {
        const std::uint64_t tag = read_varint(bytes, at);
        if (tag % 8 == 0) {
            fields.emplace(tag / 8, std::to_string(read_varint(bytes, at)));
            continue;
        }
        const std::uint64_t length = tag % 8 == 2 ? read_varint(bytes, at) : 4;
        EXPECT_LE(at + length, bytes.size());
        fields.emplace(tag / 8, bytes.substr(at, length));
        at += length;
    }
    return fields;
}

std::vector<std::string> all(const Fields& fields, std::uint64_t number) {
    std::vector<std::string> values;
    const auto [begin, end] = fields.equal_range(number);
    for (auto it = begin; it != end; ++it) values.push_back(it->second);
    return values;
}

std::string only(const Fields& fields, std::uint64_t number) {
    const auto values = all(fields, number);
    EXPECT_EQ(values.size(), 1U) << "field " << number;
    return values.empty() ? "" : values[0];
}

std::string written(const onnx::WireMessage& message) {
    const TemporaryFolder folder;
    AtomicFile file(folder.path() / "m");
    message.write(file);
    file.commit();
    std::string bytes = read_text_file(folder.path() / "m");
    EXPECT_EQ(bytes.size(), message.size());
    return bytes;
}

struct OnnxFile {
    Fields model;
    Fields graph;
    std::map<std::string, Fields> constants;
    std::map<std::string, int> operations;
    std::map<std::string, std::string> metadata;
    std::vector<std::string> input_shape;  // sizes, or names
    OnnxSummary summary;
};

// Checks on the way that every value is made once, and before it is used.
OnnxFile exported(const Model& model, const OnnxOptions& options = {}) {
    const TemporaryFolder folder;
    OnnxFile file;
    file.summary = write_onnx(model, options, folder.path() / "m.onnx");
    file.model = parse(read_text_file(folder.path() / "m.onnx"));
    file.graph = parse(only(file.model, 7));
    std::set<std::string> known;
    const Fields input = parse(only(file.graph, 11));
    known.insert(only(input, 1));
    const Fields tensor = parse(only(parse(only(input, 2)), 1));
    for (const std::string& size : all(parse(only(tensor, 2)), 1)) {
        file.input_shape.push_back(parse(size).begin()->second);
    }
    for (const std::string& constant : all(file.graph, 5)) {
        const Fields fields = parse(constant);
        EXPECT_TRUE(known.insert(only(fields, 8)).second) << only(fields, 8);
        file.constants[only(fields, 8)] = fields;
    }
    for (const std::string& bytes : all(file.graph, 1)) {
        const Fields node = parse(bytes);
        for (const std::string& name : all(node, 1)) EXPECT_TRUE(known.contains(name)) << name;
        EXPECT_TRUE(known.insert(only(node, 2)).second) << only(node, 2);
        ++file.operations[only(node, 4)];
    }
    EXPECT_TRUE(known.contains(only(parse(only(file.graph, 12)), 1)));
    for (const std::string& bytes : all(file.model, 14)) {
        file.metadata[only(parse(bytes), 1)] = only(parse(bytes), 2);
    }
    return file;
}

}  // namespace

// The examples of the encoding's own description.
TEST(Wire, EncodesAsThePublishedExamples) {
    onnx::WireMessage inner;
    inner.add_integer(1, 150);
    EXPECT_EQ(written(inner), "\x08\x96\x01");
    onnx::WireMessage text;
    text.add_text(2, "testing");
    EXPECT_EQ(written(text), "\x12\x07testing");
    onnx::WireMessage outer;
    outer.add_message(3, std::move(inner));
    EXPECT_EQ(written(outer), "\x1a\x03\x08\x96\x01");
    onnx::WireMessage others;
    others.add_integer(1, -2);
    others.add_float(20, 1.5F);
    EXPECT_EQ(written(others), std::string("\x08\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01"
                                           "\xa5\x01\x00\x00\xc0\x3f",
                                           17));
}

TEST(Wire, BorrowedBytesAreWrittenInTheirPlace) {
    const std::string large(300, 'x');
    onnx::WireMessage inner;
    inner.add_text(1, "before");
    inner.add_borrowed(2, std::as_bytes(std::span(large)));
    inner.add_text(3, "after");
    onnx::WireMessage outer;
    outer.add_integer(1, 7);
    outer.add_message(2, std::move(inner));
    outer.add_text(3, "end");
    const Fields fields = parse(written(outer));
    EXPECT_EQ(only(fields, 1), "7");
    EXPECT_EQ(only(fields, 3), "end");
    const Fields nested = parse(only(fields, 2));
    EXPECT_EQ(only(nested, 1), "before");
    EXPECT_EQ(only(nested, 2), large);
    EXPECT_EQ(only(nested, 3), "after");
}

TEST(OnnxGraph, ATinyGraphHasTheseBytes) {
    onnx::Graph graph;
    graph.input("x", {"n", std::int64_t{2}});
    const std::string two = graph.floats("two", {1}, std::vector<float>{2});
    graph.add("Mul", {"x", two}, "y", {{"a", std::int64_t{1}}});
    graph.output("y", {"n", std::int64_t{2}});
    const std::string bytes = written(std::move(graph).model("g", {{"k", "v"}}));
    const Fields model = parse(bytes);
    EXPECT_EQ(only(model, 1), "8");                                 // IR version
    EXPECT_EQ(only(model, 8), std::string("\x0a\x00\x10\x11", 4));  // standard operators, 17
    EXPECT_EQ(only(model, 14), "\x0a\x01k\x12\x01v");
    const std::string graph_bytes = std::string(
        "\x5a\x14\x0a\x01x\x12\x0f\x0a\x0d\x08\x01\x12\x09\x0a\x03\x12\x01n\x0a\x02\x08"
        "\x02"
        "\x2a\x0f\x08\x01\x10\x01\x42\x03two\x4a\x04\x00\x00\x00\x40"
        "\x0a\x1d\x0a\x01x\x0a\x03two\x12\x01y\x1a\x01y\x22\x03Mul\x2a\x08\x0a\x01"
        "a\x18\x01\xa0\x01\x02"
        "\x62\x14\x0a\x01y\x12\x0f\x0a\x0d\x08\x01\x12\x09\x0a\x03\x12\x01n\x0a\x02\x08"
        "\x02\x12\x01g",
        2 + 0x14 + 2 + 0x0f + 2 + 0x1d + 2 + 0x14 + 3);
    EXPECT_EQ(only(model, 7), graph_bytes);
}

TEST(OnnxExport, HoldsTheNetworkWithItsTensorsBitForBit) {
    const Model model = testing::procedural_model("clef-small");
    const OnnxFile file = exported(model);
    EXPECT_EQ(file.input_shape, (std::vector<std::string>{"batch", "1", "5000"}));
    EXPECT_EQ(file.operations.at("Conv"), 1 + 3 * 10);
    EXPECT_EQ(file.operations.at("MaxPool"), 6);
    EXPECT_EQ(file.operations.at("Gemm"), 2 * 10);
    std::size_t weights = 0;
    for (const auto& [name, tensor] : model.tensors) {
        if (name.find("bn") != std::string::npos) {
            EXPECT_FALSE(file.constants.contains(name)) << name << " is not used";
            continue;
        }
        ++weights;
        const Fields& constant = file.constants.at(name);
        EXPECT_EQ(only(constant, 2), "1") << name;
        const std::string bytes(reinterpret_cast<const char*>(tensor.data.data()),
                                tensor.data.size());
        EXPECT_EQ(only(constant, 9), bytes) << name;
        std::vector<std::string> sizes;
        for (const auto size : tensor.shape) sizes.push_back(std::to_string(size));
        EXPECT_EQ(all(constant, 1), sizes) << name;
    }
    EXPECT_EQ(weights, 2U + 10 * (3 * 2 + 2 * 2));
}

TEST(OnnxExport, MetadataSaysWhatTheModelFileSaysAndWhatIsLeftToDo) {
    Model model = testing::procedural_model("ecgfounder", 12);
    model.recipe = ecgfounder_recipe(12);
    model.labels.assign(150, "label");
    const OnnxFile file = exported(model);
    const auto json = [&](const char* key) { return nlohmann::json::parse(file.metadata.at(key)); };
    EXPECT_EQ(json("clef.architecture").at("name"), "ecgfounder");
    EXPECT_EQ(parse_recipe(json("clef.recipe"), "m"), model.recipe);
    EXPECT_EQ(parse_recipe(json("clef.before"), "m"), model.recipe);
    EXPECT_EQ(json("clef.labels").size(), 150U);
    EXPECT_EQ(file.metadata.at("clef.program"), std::string("clef ") + CLEF_VERSION);
    EXPECT_EQ(only(parse(only(file.graph, 12)), 1), "outputs");
    EXPECT_EQ(file.summary.before_text, recipe_text(model.recipe));
}

TEST(OnnxExport, WithTheRecipeWhatIsInTheGraphIsNoLongerLeftToDo) {
    Model model = testing::procedural_model("clef-small");
    const OnnxFile whole = exported(model, {.with_recipe = true});
    EXPECT_EQ(whole.summary.before_text, "lead I, 500 Hz, 10 s, no normalisation");
    EXPECT_EQ(whole.operations.at("Conv"), 2 + 1 + 3 * 10);  // forward, backward, the network's
    // The median lies between the filters and the z-score: they stay outside.
    model.recipe = ecgfounder_recipe();
    const OnnxFile part = exported(model, {.with_recipe = true});
    EXPECT_EQ(part.summary.before.notch, 50);
    EXPECT_EQ(part.summary.before.band_pass_order, 4);
    EXPECT_EQ(part.summary.before.median_samples, 201);
    EXPECT_FALSE(part.summary.before.z_score);
    EXPECT_EQ(part.operations.at("Conv"), 1 + 3 * 10);
    EXPECT_EQ(part.operations.at("Sqrt"), 1);
}

TEST(OnnxExport, WindowsOfAnotherOrOfAnyLength) {
    const Model model = testing::procedural_model("clef-small");
    EXPECT_EQ(exported(model, {.window_samples = 2501}).input_shape.back(), "2501");
    EXPECT_EQ(exported(model, {.dynamic_window = true}).input_shape.back(), "samples");
}

TEST(OnnxExport, HalfPrecisionIsStoredAsItIsWithACastBehindIt) {
    Model model = testing::procedural_model("clef-small");
    Tensor& stem = model.tensors.at("first_conv.conv.weight");
    stem = Tensor::zeros(stem.shape, ElementType::float16);
    onnx::Graph graph;
    graph.input("x", {std::int64_t{1}, std::int64_t{1}, std::int64_t{100}});
    onnx::add_net1d(graph, model, "x", "y", 100);
    const Fields fields = parse(only(parse(written(std::move(graph).model("g", {}))), 7));
    int casts = 0;
    for (const std::string& node : all(fields, 1)) casts += only(parse(node), 4) == "Cast" ? 1 : 0;
    EXPECT_EQ(casts, 1);
    EXPECT_EQ(only(parse(all(fields, 5).front()), 2), "10");  // FLOAT16
}

TEST(OnnxExport, RefusesWhatCannotBe) {
    const TemporaryFolder folder;
    Model model = testing::procedural_model("clef-small");
    const auto refuse = [&](const OnnxOptions& options, std::initializer_list<std::string> words) {
        expect_input_error([&] { write_onnx(model, options, folder.path() / "m"); }, words);
        EXPECT_FALSE(std::filesystem::exists(folder.path() / "m"));
    };
    refuse({.window_samples = 0}, {"--window-samples 0"});
    refuse({.window_samples = std::size_t{1} << 40}, {"--window-samples", "at most"});
    refuse({.window_samples = 100, .dynamic_window = true}, {"exclude each other"});
    refuse({.dynamic_window = true, .with_recipe = true}, {"--with-recipe", "--dynamic-window"});
    refuse({.window_samples = 33, .with_recipe = true}, {"33 samples", "too short"});
    check_onnx_size((std::uint64_t{1} << 31) - 1, "m.onnx");
    expect_input_error([] { check_onnx_size(std::uint64_t{1} << 31, "m.onnx"); },
                       {"m.onnx", "2147483648", "2 GB", "--format safetensors"});
}

}  // namespace clef
