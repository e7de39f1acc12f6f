// Training steps on a GPU: forward, CLEF's loss, backward and AdamW over a batch that is there
// already, for every size of encoder and precision: replayed with kernels that give the same bits
// again, replayed with any, and started kernel by kernel as libtorch does by itself. Prints samples
// (views) a second and the share of the card's peak, which it measures by products of 8192 × 8192
// matrices. bench/gpu_peer.py is PyTorch's side.
#include <algorithm>
#include <chrono>
#include <fmt/format.h>

#include "base/random.hpp"
#include "training/adamw.hpp"
#include "training/objective.hpp"
#include "training/trained_encoder.hpp"
#include "training/training_device.hpp"
#ifdef CLEF_CUDA
#include <c10/cuda/CUDACachingAllocator.h>
#endif

namespace {

using clef::Random;

constexpr int repeats = 11;

double median_ms(const std::function<void()>& work) {
    std::vector<double> times;
    for (int i = 0; i < repeats + 3; ++i) {
        const auto begun = std::chrono::steady_clock::now();
        work();
        torch::cuda::synchronize();
        const std::chrono::duration<double, std::milli> time =
            std::chrono::steady_clock::now() - begun;
        if (i >= 3) times.push_back(time.count());
    }
    std::sort(times.begin(), times.end());
    return times[times.size() / 2];
}

// TFLOP/s of a matrix product of the type that the precision multiplies in.
double measured_peak(const std::string& precision, const torch::Device& device) {
    constexpr std::int64_t n = 8192;
    const auto type = precision == "bfloat16" ? torch::kBFloat16 : torch::kFloat32;
    const auto options = torch::TensorOptions(type).device(device);
    const torch::Tensor a = torch::randn({n, n}, options);
    const torch::Tensor b = torch::randn({n, n}, options);
    torch::Tensor c = torch::empty({n, n}, options);
    const double ms = median_ms([&] { torch::matmul_out(c, a, b); });
    return 2.0 * n * n * n / ms / 1e9;
}

// Multiply–adds of one view, forward.
double multiply_adds(const clef::Net1dShape& shape, std::int64_t samples) {
    const auto shorter = [](std::int64_t length, int stride) {
        return (length + stride - 1) / stride;
    };
    std::int64_t length = shorter(samples, shape.stride);
    double total = static_cast<double>(length) * shape.base_channels * shape.kernel;
    for (const clef::Net1dBlock& block : clef::net1d_blocks(shape)) {
        const double middle = block.middle_channels;
        total += static_cast<double>(length) * block.in_channels * middle;
        length = shorter(length, block.stride);
        total += static_cast<double>(length) * middle * (middle / block.groups) * shape.kernel;
        total += static_cast<double>(length) * middle * block.out_channels;
        total += 1.0 * block.out_channels * block.out_channels;
    }
    return total;
}

clef::ClinicalBatch risks(std::int64_t pairs) {
    Random random(1, "risks");
    clef::ClinicalBatch batch;
    for (std::int64_t i = 0; i < pairs; ++i) {
        batch.risk.push_back(0.2 * random.uniform());
        batch.missing.push_back(0.5 * random.uniform());
    }
    return batch;
}

double step_ms(const clef::Model& model, const clef::PretrainOptions& options,
               const torch::Device& device, std::int64_t pairs, std::int64_t samples) {
    clef::Net1dModule module(model.shape);
    module.load(model);
    clef::TrainedEncoder encoder(clef::placed(module, device), model.shape, 0,
                                 clef::computing_of(options));
    for (auto& [name, tensor] : module.trained()) tensor.set_requires_grad(true);
    const auto objective = clef::make_objective(options.objective);
    clef::AdamW optimiser(module.trained(), options.weight_decay);
    const clef::ClinicalBatch clinical = risks(pairs);
    const torch::Tensor views =
        torch::randn({2 * pairs, 1, samples}, torch::TensorOptions().device(device));
    return median_ms([&] {
        const torch::Tensor embeddings = encoder.forward(views);
        (*objective)({embeddings, embeddings, clinical}).loss.backward();
        encoder.backward(embeddings);
        optimiser.step(1e-4);
    });
}

// What an encoder of the last measurement held would be missing to the next.
void give_memory_back() {
#ifdef CLEF_CUDA
    c10::cuda::CUDACachingAllocator::emptyCache();
#endif
}

void compare(const std::string& architecture, const std::string& precision, std::int64_t pairs,
             std::int64_t samples, double peak) {
    const torch::Device device = clef::training_device("cuda", 0);
    const clef::Model model = clef::random_model(architecture, 1, 1);
    clef::PretrainOptions options = clef::read_options("paper");
    options.precision = precision;
    const auto measured = [&](bool replay, bool deterministic) {
        options.replay = replay;
        options.deterministic = deterministic;
        clef::set_kernels(options);
        const double ms = step_ms(model, options, device, pairs, samples);
        give_memory_back();
        return ms;
    };
    const double same_bits = measured(true, true);
    const double replayed = measured(true, false);
    const double started = measured(false, false);
    const double views = 2.0 * static_cast<double>(pairs);
    const double tera = 3 * 2 * multiply_adds(model.shape, samples) * views / replayed / 1e9;
    fmt::print(
        "{:<12} {:<14} {:>5} {:>6} {:>9.2f} {:>9.2f} {:>9.2f} {:>10.0f} {:>8.1f} {:>6.1f} %\n",
        architecture, precision, 2 * pairs, samples, same_bits, replayed, started,
        1000 * views / replayed, tera, 100 * tera / peak);
    std::fflush(stdout);
}

}  // namespace

int main() {
    const torch::Device device = clef::training_device("cuda", 0);
    fmt::print("{:<12} {:<14} {:>5} {:>6} {:>9} {:>9} {:>9} {:>10} {:>8} {:>8}\n", "encoder",
               "precision", "views", "length", "same bits", "ms", "started", "views/s", "TFLOP/s",
               "of peak");
    for (const char* precision : {"float32", "tensorfloat32", "bfloat16"}) {
        clef::PretrainOptions options;
        options.precision = precision;
        clef::set_kernels(options);
        const double peak = measured_peak(precision, device);
        fmt::print("a matrix product in {}: {:.0f} TFLOP/s\n", precision, peak);
        compare("clef-small", precision, 64, 1250, peak);
        compare("clef-small", precision, 512, 1250, peak);
        compare("clef-medium", precision, 64, 1250, peak);
        compare("clef-medium", precision, 64, 5000, peak);
        compare("clef-large", precision, 64, 1250, peak);
        compare("clef-large", precision, 64, 5000, peak);
    }
    return 0;
}
