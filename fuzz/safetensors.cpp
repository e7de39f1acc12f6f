// Tensor files, and the model files made of them.
#include "encoder/safetensors.hpp"

#include "base/error.hpp"
#include "encoder/model.hpp"
#include "files.hpp"

namespace clef::fuzz {
namespace {

void run(Bytes input) {
    const MemoryFile file(input);
    read_safetensors(file.path());
    try {
        read_model(file.path());
    } catch (const InputError&) {
        // Seldom a whole model: what counts is that the tensors were read.
    }
}

std::string safetensors(const std::string& header, std::size_t bytes) {
    std::string text(8, '\0');
    text[0] = static_cast<char>(header.size() & 0xFF);
    text[1] = static_cast<char>(header.size() >> 8);
    return text + header + std::string(bytes, '\0');
}

std::vector<Seed> seeds(const std::filesystem::path&) {
    return {
        {"two", safetensors(R"({"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,3],)"
                            R"("data_offsets":[0,24]},"b":{"dtype":"BF16","shape":[],)"
                            R"("data_offsets":[24,26]}})",
                            26)},
        {"model", safetensors(R"({"__metadata__":{"clef.architecture":"{\"name\":\"clef-small\"}",)"
                              R"("clef.recipe":"{}","clef.labels":"[]","clef.provenance":"{}"},)"
                              R"("dense.bias":{"dtype":"F16","shape":[4],"data_offsets":[0,8]}})",
                              8)},
    };
}

const Registration registration{{"safetensors", run, seeds}};

}  // namespace
}  // namespace clef::fuzz
