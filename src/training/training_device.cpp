#include "training/training_device.hpp"

#include <charconv>

#include "base/error.hpp"

namespace clef {

namespace {

constexpr std::string_view cuda = "cuda";
constexpr std::string_view numbered = "cuda:";
constexpr std::string_view tensorfloat32 = "tensorfloat32";

torch::Device gpu(int number) {
    return {torch::kCUDA, static_cast<torch::DeviceIndex>(number)};
}

int wanted_number(const std::string& name) {
    int number = -1;
    const char* end = name.data() + name.size();
    const auto [at, error] = std::from_chars(name.data() + numbered.size(), end, number);
    if (error != std::errc() || at != end || number < 0) {
        fail_input("run.device is '{}'; expected auto, cpu, cuda, or cuda: and a number", name);
    }
    return number;
}

}  // namespace

torch::Device training_device(const std::string& name, int local_rank) {
    if (name == "cpu") return torch::kCPU;
    const int count =
        torch::cuda::is_available() ? static_cast<int>(torch::cuda::device_count()) : 0;
    if (name == "auto" || name == cuda) {
        if (count > 0) return gpu(local_rank % count);
        if (name == "auto") return torch::kCPU;
    } else if (!name.starts_with(numbered)) {
        fail_input("run.device is '{}'; expected auto, cpu, cuda, or cuda: and a number", name);
    }
    const int number = name == cuda ? 0 : wanted_number(name);
    if (count == 0) {
        fail_input(
            "run.device is {}, but libtorch sees no CUDA device: either there is none, or this "
            "program was built with a libtorch without CUDA (docs/gpu.md)",
            name);
    }
    if (number >= count) {
        fail_input("run.device is {}, but there are {} CUDA devices, numbered from 0", name, count);
    }
    return gpu(number);
}

Computing computing_of(const PretrainOptions& options) {
    if (options.precision != "float32" && options.precision != tensorfloat32 &&
        options.precision != "bfloat16") {
        fail_input("run.precision is '{}'; expected float32, tensorfloat32 or bfloat16",
                   options.precision);
    }
    return {options.precision == "bfloat16", options.replay};
}

void set_kernels(const PretrainOptions& options) {
    at::globalContext().setDeterministicCuDNN(options.deterministic);
    at::globalContext().setBenchmarkCuDNN(!options.deterministic);
    const bool tensorfloat = options.precision == tensorfloat32;
    at::globalContext().setAllowTF32CuDNN(tensorfloat);
    at::globalContext().setAllowTF32CuBLAS(tensorfloat);
}

}  // namespace clef
