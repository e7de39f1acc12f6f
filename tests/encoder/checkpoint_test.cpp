// Checkpoints that PyTorch wrote (tests/data/checkpoints, with the script that made them), and
// wrong ones made here.
#include "encoder/checkpoint.hpp"

#include <gtest/gtest.h>

#include "base/digest.hpp"
#include "base/file.hpp"
#include "base/random.hpp"
#include "base/text.hpp"
#include "encoder/torch_zip.hpp"
#include "encoder/zip_writer.hpp"
#include "formats/expect_input_error.hpp"

namespace clef {

using testing::expect_input_error;
using testing::zip;

namespace {

const std::filesystem::path folder = std::filesystem::path(CLEF_TEST_DATA) / "checkpoints";

std::span<const std::byte> bytes(std::string_view text) {
    return std::as_bytes(std::span(text));
}

// Name → "type shape digest", for one of the element types that expected.tsv lists.
std::map<std::string, std::string> expected(const std::string& label) {
    const std::string text = read_text_file(folder / "expected.tsv");
    std::map<std::string, std::string> rows;
    for (const std::string_view line : split(text, '\n')) {
        const auto cells = split(line, '\t');
        if (cells.size() == 5 && cells[0] == label) {
            rows[std::string(cells[1])] = fmt::format("{} ({}) {}", cells[2], cells[3], cells[4]);
        }
    }
    return rows;
}

std::map<std::string, std::string> found(const TensorGroup& group) {
    std::map<std::string, std::string> rows;
    for (const auto& [name, stored] : group.tensors) {
        const Tensor tensor = read_tensor(stored, name);
        rows[name] = fmt::format("{} ({}) {}", element_name(tensor.type),
                                 fmt::join(tensor.shape, ","), sha256(tensor.data));
    }
    return rows;
}

struct Case {
    const char* file;
    const char* container;
    const char* prefix;
    const char* values;  // label in expected.tsv
};

class Checkpoints : public ::testing::TestWithParam<Case> {};

TEST_P(Checkpoints, HoldTheTensorsThatPyTorchSaved) {
    const std::string text = read_text_file(folder / GetParam().file);
    const Checkpoint checkpoint = read_checkpoint(bytes(text), GetParam().file);
    const TensorGroup* group = nullptr;
    for (const TensorGroup& candidate : checkpoint.groups) {
        if (candidate.container == GetParam().container && candidate.prefix == GetParam().prefix) {
            group = &candidate;
        }
    }
    ASSERT_NE(group, nullptr);
    auto rows = found(*group);
    const auto again = rows.find("again.weight");
    if (again != rows.end()) {
        EXPECT_EQ(again->second, rows.at("conv.weight"));
        rows.erase(again);
    }
    EXPECT_EQ(rows, expected(GetParam().values));
}

INSTANTIATE_TEST_SUITE_P(
    WrittenByPyTorch, Checkpoints,
    ::testing::Values(
        Case{"bare.pth", "", "", "float32"}, Case{"under_model.pth", "model", "", "float32"},
        Case{"under_ecg_model.pth", "ecg_model", "", "float32"},
        Case{"lightning.ckpt", "state_dict", "backbone.", "float32"},
        Case{"lightning_torch_1_13.ckpt", "state_dict", "backbone.", "float32"},
        Case{"protocol4.pth", "state_dict", "backbone.", "float32"},
        Case{"module_backbone.pth", "state_dict", "module.backbone.", "float32"},
        Case{"half.pth", "", "", "half"}, Case{"bfloat16.pth", "", "", "bfloat16"},
        Case{"double.pth", "", "", "double"}, Case{"strided.pth", "", "", "float32"},
        Case{"shared.pth", "", "", "float32"}, Case{"parameters.pth", "", "", "float32"},
        Case{"legacy.pth", "", "", "float32"}, Case{"legacy_protocol4.pth", "", "", "float32"},
        Case{"legacy_shared_strided.pth", "model", "", "float32"},
        Case{"legacy_shared_strided.pth", "ecg_model", "", "float32"},
        Case{"legacy_shared_strided_torch_1_13.pth", "ecg_model", "", "float32"}),
    [](const auto& instance) {
        std::string name = fmt::format("{}_{}", instance.param.file, instance.param.container);
        for (char& c : name) {
            if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
        }
        return name;
    });

void refuse(const std::string& text, std::initializer_list<std::string> words) {
    expect_input_error([&] { read_checkpoint(bytes(text), "x.pth"); }, words);
    expect_input_error([&] { read_checkpoint(bytes(text), "x.pth"); }, {"x.pth"});
}

// A state dict of one float32 tensor "w" over a storage of `stored` elements, as a pickle.
std::string pickled(const std::string& shape, const std::string& strides, int offset = 0,
                    int stored = 4, const std::string& key = "0") {
    return fmt::format(
        "(dVw\nctorch._utils\n_rebuild_tensor_v2\n((Vstorage\nctorch\nFloatStorage\nV{}\nVcpu\nI{}"
        "\ntQI{}\n({}t({}tI00\n(dtRs.",
        key, stored, offset, shape, strides);
}

std::string archive(const std::string& pickle, std::size_t storage_bytes = 16) {
    return zip({{"a/data.pkl", pickle}, {"a/data/0", std::string(storage_bytes, '\1')}});
}

TEST(Checkpoint, ReadsAHandmadeArchive) {
    const std::string text = archive(pickled("I2\nI2\n", "I2\nI1\n"));
    const Checkpoint checkpoint = read_checkpoint(bytes(text), "x.pth");
    ASSERT_EQ(checkpoint.groups.size(), 1U);
    EXPECT_EQ(checkpoint.groups[0].tensors.at("w").shape, (Shape{2, 2}));
}

TEST(Checkpoint, ReadsZip64AndNamesInAnyFolder) {
    const std::string pickle = pickled("I4\n", "I1\n");
    const std::string data("\0\0\x80\x3f\0\0\0\x40\0\0\x40\x40\0\0\x80\x40", 16);
    const std::string text = zip({{"some folder/data.pkl", pickle, 0, 0, true},
                                  {"some folder/data/0", data, 0, 0, true},
                                  {"some folder/byteorder", "little"}},
                                 true);
    const Checkpoint checkpoint = read_checkpoint(bytes(text), "x.pth");
    const Tensor tensor = read_tensor(checkpoint.groups.at(0).tensors.at("w"), "w");
    EXPECT_EQ(tensor.floats()[0], 1);
    EXPECT_EQ(tensor.floats()[3], 4);
}

TEST(Checkpoint, SwapsWhatABigEndianMachineWrote) {
    const std::string data("\x3f\x80\0\0\x40\0\0\0\x40\x40\0\0\x40\x80\0\0", 16);
    const std::string text =
        zip({{"a/data.pkl", pickled("I4\n", "I1\n")}, {"a/data/0", data}, {"a/byteorder", "big"}});
    const Checkpoint checkpoint = read_checkpoint(bytes(text), "x.pth");
    const Tensor tensor = read_tensor(checkpoint.groups.at(0).tensors.at("w"), "w");
    EXPECT_EQ(tensor.floats()[0], 1);
    EXPECT_EQ(tensor.floats()[3], 4);
}

TEST(Checkpoint, RefusesStridesThatLeaveTheStorage) {
    const auto refused = [](const std::string& shape, const std::string& strides, int offset) {
        refuse(archive(pickled(shape, strides, offset)), {"tensor 'w'", "leave its storage of 4"});
    };
    refused("I2\nI2\n", "I3\nI1\n", 0);
    refused("I4\n", "I1\n", 1);
    refused("I2\n", "I9223372036854775807\n", 0);
    refused("I3\n", "I9223372036854775807\n", 0);
    refuse(archive(pickled("I2\n", "I-1\n", 1)), {"tensor 'w'", "negative stride -1"});
    refuse(archive(pickled("I-2\n", "I1\n")), {"tensor 'w'", "negative dimension"});
    refuse(archive(pickled("I2\nI2\n", "I1\n")), {"tensor 'w'", "2 dimensions and 1 strides"});
}

TEST(Checkpoint, RefusesMoreElementsThanAnyMemoryHoldsBeforeAllocating) {
    refuse(archive(pickled("I1152921504606846976\n", "I1\n")), {"tensor 'w'", "more elements"});
    refuse(archive(pickled("I1073741824\nI1073741824\n", "I0\nI0\n")),
           {"tensor 'w'", "more elements"});
    // 2^40 elements that all lie on one stored element.
    const std::string text = archive(pickled("I1099511627776\n", "I0\n"));
    const Checkpoint checkpoint = read_checkpoint(bytes(text), "x.pth");
    expect_input_error([&] { read_tensor(checkpoint.groups.at(0).tensors.at("w"), "x: 'w'"); },
                       {"'w'", "1099511627776 elements over a storage of 4"});
}

TEST(Checkpoint, RefusesAbsentAndShortStorages) {
    refuse(archive(pickled("I4\n", "I1\n", 0, 4, "7")), {"tensor 'w'", "storage '7' is not"});
    refuse(archive(pickled("I4\n", "I1\n"), 15), {"tensor 'w'", "15 bytes, expected 4 elements"});
    refuse(archive(pickled("I4\n", "I1\n", 0, 1 << 30)), {"tensor 'w'", "expected 1073741824"});
}

TEST(Checkpoint, RefusesDamagedZipFiles) {
    const std::string whole = read_text_file(folder / "bare.pth");
    refuse(whole.substr(0, whole.size() / 2), {"truncated"});
    refuse(whole.substr(0, whole.size() - 1), {"truncated"});
    refuse(zip({{"a/data.pkl", "N.", 8}}), {"'a/data.pkl' is compressed", "method 8"});
    refuse(zip({{"a/data.pkl", "N."}, {"a/data/0", "xx", 8}}), {"'a/data/0' is compressed"});
    refuse(zip({{"a/data.pkl", "N.", 0, 1}}), {"'a/data.pkl' is encrypted"});
    refuse(zip({{"a/data.pkl", "N."}, {"a/data.pkl", "N."}}), {"'a/data.pkl'", "twice"});
    refuse(zip({{"a/data.pkl", "N."}, {"b/data.pkl", "N."}}), {"two pickles"});
    refuse(zip({{"a/b.txt", "hello"}}), {"without data.pkl"});
    refuse(zip({}), {"without data.pkl"});
    refuse(zip({{"a/data.pkl", "N."}, {"a/constants.pkl", "N."}}), {"TorchScript"});
    refuse(zip({{"a/data.pkl", "N."}, {"a/byteorder", "middle"}}), {"byte order 'middle'"});
}

TEST(Checkpoint, SaysWhatAFileWithoutTensorsHolds) {
    refuse(archive("Vhello\n."), {"a text", "expected a state dict"});
    refuse(archive("(lI1\na."), {"a list of 1"});
    refuse(archive("cmodels\nNet\n)R}Vweight\nI1\nsb."), {"made by 'models.Net'", "state_dict()"});
    refuse("\x80\x02K\x05.", {"a pickle of a number", "torch.save()"});
    refuse("hello, world", {"neither a model file of clef"});
    refuse("", {"neither a model file of clef"});
}

TEST(Checkpoint, RefusesCallsCyclesAndBombs) {
    refuse(archive("cos\nsystem\n(S'echo harm'\ntR."), {"os.system", "nothing was run"});
    refuse("cos\nsystem\n(S'echo harm'\ntR.", {"os.system", "nothing was run"});
    refuse(archive("(dp0\nVstate_dict\ng0\ns."), {"'state_dict' contains itself"});
    std::string deep = "(d";
    for (int i = 0; i < 8; ++i) deep += "Vmodel\n(d";
    for (int i = 0; i < 8; ++i) deep += "s";
    refuse(archive(deep + "."), {"nested more than 4 deep"});
    std::string bomb = "(Vlaugh\nlp0\n";
    for (int level = 1; level <= 30; ++level) {
        bomb += "(";
        for (int i = 0; i < 10; ++i) bomb += fmt::format("g{}\n", level - 1);
        bomb += fmt::format("lp{}\n", level);
    }
    refuse(archive(bomb + "."), {"a list of 10", "without named tensors"});
}

TEST(Checkpoint, EveryTruncationOfEitherFormatIsAnError) {
    for (const char* name : {"half.pth", "legacy.pth"}) {
        const std::string whole = read_text_file(folder / name);
        for (std::size_t length = 0; length < whole.size(); ++length) {
            EXPECT_THROW(read_checkpoint(bytes(whole.substr(0, length)), "x"), InputError)
                << name << " " << length;
        }
    }
}

TEST(Checkpoint, DamagedFilesAreErrorsOrReadButNeverCrash) {
    for (const char* name : {"lightning.ckpt", "legacy_shared_strided.pth", "protocol4.pth"}) {
        const std::string whole = read_text_file(folder / name);
        int refused = 0;
        for (std::uint64_t sample = 0; sample < 500; ++sample) {
            Random random(1, name, 0, sample);
            std::string damaged = whole;
            for (int i = 0; i < 4; ++i) {
                damaged[random.below(damaged.size())] = static_cast<char>(random.below(256));
            }
            try {
                for (const auto& group : read_checkpoint(bytes(damaged), "x").groups) found(group);
            } catch (const InputError&) {
                ++refused;
            }
        }
        EXPECT_GT(refused, 50) << name;
    }
}

}  // namespace
}  // namespace clef
