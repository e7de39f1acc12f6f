// PyTorch checkpoints of both containers, up to every tensor in them.
#include "encoder/torch_legacy.hpp"
#include "encoder/torch_zip.hpp"
#include "files.hpp"

namespace clef::fuzz {
namespace {

void run(Bytes input) {
    const TorchFile file = looks_like_zip(input) ? read_torch_zip(input, "model.pth")
                                                 : read_torch_legacy(input, "model.pth");
    for (const PickleNode& node : file.pickle.nodes) torch_tensor(file, node, "tensor");
}

// Ours, small, made with Python (tests/data/checkpoints).
std::vector<Seed> seeds(const std::filesystem::path&) {
    std::vector<Seed> all;
    for (const char* ending : {".pth", ".pt", ".ckpt"}) {
        const auto some =
            seeds_from(std::filesystem::path(CLEF_TEST_DATA) / "checkpoints", ending, 1 << 16, 40);
        all.insert(all.end(), some.begin(), some.end());
    }
    return all;
}

const Registration registration{{"checkpoint", run, seeds}};

}  // namespace
}  // namespace clef::fuzz
