// The published tensor lists of the foundation models (facts/tensor-names): every tensor is one of
// the encoder's or knowingly left out, every one of the encoder's is there, and the numbers of
// parameters are the published ones.
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <set>
#include <sstream>

#include "base/error.hpp"
#include "encoder/model.hpp"
#include "encoder/recognise.hpp"
#include "formats/expect_input_error.hpp"
#include "shared.hpp"

namespace clef {
namespace {

std::map<std::string, Shape> published_tensors(const std::string& list) {
    std::ifstream file(testing::shared_folder() / "facts/tensor-names" / list);
    std::map<std::string, Shape> tensors;
    for (std::string line; std::getline(file, line);) {
        if (line.empty()) continue;
        std::istringstream sizes(line.substr(line.find('\t') + 1));
        Shape& shape = tensors[line.substr(0, line.find('\t'))];
        for (std::string size; std::getline(sizes, size, ',');) shape.push_back(std::stol(size));
    }
    return tensors;
}

struct Published {
    const char* list;
    const char* architecture;
    std::size_t tensors;
    std::size_t own;  // the encoder's
    std::size_t parameters;
};

class PublishedTensors : public ::testing::TestWithParam<Published> {};

Checkpoint checkpoint_of(const std::string& list, const Model& model) {
    std::map<std::string, ElementType> types;
    for (const TensorSpec& spec : model_tensors(model)) types[spec.name] = spec.type;
    Checkpoint checkpoint;
    checkpoint.format = "test";
    checkpoint.groups.push_back({"model", "", {}});
    for (const auto& [name, shape] : published_tensors(list)) {
        StoredTensor tensor;
        tensor.type =
            name.ends_with("num_batches_tracked") ? ElementType::int64 : ElementType::float32;
        tensor.shape = shape;
        checkpoint.groups[0].tensors[name] = tensor;
    }
    return checkpoint;
}

}  // namespace

TEST_P(PublishedTensors, AreEachTheEncodersOrKnowinglyLeftOut) {
    CLEF_REQUIRE_SHARED("facts/tensor-names");
    const Model model = empty_model(GetParam().architecture, 12);
    const Family& family = find_family(model.family);
    std::map<std::string, Shape> wanted;
    for (const TensorSpec& spec : model_tensors(model)) wanted[spec.name] = spec.shape;
    EXPECT_EQ(model_parameters(model), GetParam().parameters);
    EXPECT_EQ(wanted.size(), GetParam().own);

    const auto published = published_tensors(GetParam().list);
    EXPECT_EQ(published.size(), GetParam().tensors);
    std::set<std::string> found;
    std::size_t left_out = 0;
    for (const auto& [name, shape] : published) {
        const StoredName own = family.stored_name(name);
        if (!own.name.empty()) {  // also a second name has the shape of the first
            ASSERT_TRUE(wanted.contains(own.name)) << name;
            EXPECT_EQ(wanted.at(own.name), shape) << name;
        }
        const bool taken = own.left_out.empty() && found.insert(own.name).second;
        if (!taken) ++left_out;
    }
    EXPECT_EQ(found.size(), wanted.size());
    EXPECT_EQ(left_out, GetParam().tensors - GetParam().own);
}

TEST_P(PublishedTensors, AreRecognised) {
    CLEF_REQUIRE_SHARED("facts/tensor-names");
    const Model model = empty_model(GetParam().architecture, 12);
    Checkpoint checkpoint = checkpoint_of(GetParam().list, model);
    const Recognition recognition = recognise(checkpoint, "x");
    EXPECT_EQ(recognition.architecture->name, GetParam().architecture);
    EXPECT_EQ(recognition.leads, 12);
    EXPECT_TRUE(recognition.complete()) << mismatch_text(recognition);
    EXPECT_EQ(recognition.left_out, GetParam().tensors - GetParam().own);

    checkpoint.groups[0].tensors["surprise"] = {};
    EXPECT_EQ(recognise(checkpoint, "x").extra, (std::vector<std::string>{"surprise"}));
}

INSTANTIATE_TEST_SUITE_P(
    Foundation, PublishedTensors,
    ::testing::Values(Published{"ked_ecg_model.tsv", "ked", 1224, 630, 7'865'984},
                      Published{"stmem_encoder.tsv", "st-mem", 166, 166, 85'150'614},
                      Published{"stmem_full.tsv", "st-mem", 228, 166, 85'150'614},
                      Published{"moirai_1_1_R_base.tsv", "moirai-1.1-r-base", 166, 147, 85'451'040},
                      Published{"moment_1_base.tsv", "moment-1-base", 116, 113, 84'961'152}),
    [](const auto& instance) {
        const std::string list = instance.param.list;
        return list.substr(0, list.find('.'));
    });

TEST(SecondNames, MustHoldTheSameNumbers) {
    const Model model = random_model("ked", 12, 1);
    std::map<std::string, Tensor> others;
    Checkpoint checkpoint;
    checkpoint.format = "test";
    checkpoint.groups.push_back({"ecg_model", "", {}});
    const auto add = [&](const std::string& name, const Tensor& tensor) {
        StoredTensor stored;
        stored.type_name = element_name(tensor.type);
        stored.type = tensor.type;
        stored.element_bytes = element_size(tensor.type);
        stored.shape = tensor.shape;
        stored.strides.assign(tensor.shape.size(), 1);
        for (std::size_t i = tensor.shape.size(); i > 1; --i) {
            stored.strides[i - 2] = stored.strides[i - 1] * tensor.shape[i - 1];
        }
        stored.storage = tensor.data;
        checkpoint.groups[0].tensors[name] = stored;
    };
    for (const auto& [name, tensor] : model.tensors) add(name, tensor);
    others["same"] = model.tensors.at("4.0.convs.1.0.weight");
    others["other"] = others["same"];
    others["other"].floats()[5] += 1;
    add("4.0.convpath.0.1.0.weight", others["same"]);
    EXPECT_TRUE(recognise(checkpoint, "x").complete());
    EXPECT_EQ(recognise(checkpoint, "x").left_out, 1U);
    add("4.0.convpath.0.1.0.weight", others["other"]);
    testing::expect_input_error([&] { recognise(checkpoint, "x"); },
                                {"x: '4.0.convpath.0.1.0.weight' and '4.0.convs.1.0.weight' are "
                                 "two names of one tensor"});
}

}  // namespace clef
