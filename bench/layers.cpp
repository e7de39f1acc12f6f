// Where a forward pass of the Net1D encoders spends its time, one thread: for each layer of each
// stage the time measured, the floor (its multiply–adds over the machine's own, measured in the
// same run) and the share of that peak; then the whole pass, in every precision.
//
//   bench_layers [ARCHITECTURE…]      clef-small and clef-medium where none is named
// This file is compiled once per instruction set (foreach_target.h includes it again and again).
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "../bench/layers.cpp"
// The order of these two is Highway's contract.
// clang-format off
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
// clang-format on

#include <cstddef>

HWY_BEFORE_NAMESPACE();
namespace clef::bench::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// `rounds` times ten independent multiply–adds, enough to hide their latency; the result is
// returned so that they are not left out, and each starts from a number of its own, or the compiler
// would see that they are all the same. Gives the multiply–adds done by way of `count`.
float MultiplyAdds(std::size_t rounds, double* count) {
    const hn::CappedTag<float, 16> d;
    const auto start = hn::Iota(d, 0.5F);
    const auto x = hn::Set(d, 0.999F);
    auto a = start, b = hn::Add(a, x), c = hn::Add(b, x), e = hn::Add(c, x), f = hn::Add(e, x);
    auto g = hn::Add(f, x), h = hn::Add(g, x), i = hn::Add(h, x), j = hn::Add(i, x);
    auto k = hn::Add(j, x);
    for (std::size_t round = 0; round < rounds; ++round) {
        a = hn::MulAdd(a, x, x), b = hn::MulAdd(b, x, x), c = hn::MulAdd(c, x, x);
        e = hn::MulAdd(e, x, x), f = hn::MulAdd(f, x, x), g = hn::MulAdd(g, x, x);
        h = hn::MulAdd(h, x, x), i = hn::MulAdd(i, x, x), j = hn::MulAdd(j, x, x);
        k = hn::MulAdd(k, x, x);
    }
    *count = 10.0 * static_cast<double>(rounds * hn::Lanes(d));
    const auto half = hn::Add(hn::Add(hn::Add(a, b), hn::Add(c, e)), hn::Add(f, g));
    return hn::GetLane(hn::Add(half, hn::Add(hn::Add(h, i), hn::Add(j, k))));
}

}  // namespace clef::bench::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

#include "base/instruction_sets.hpp"
#include "base/random.hpp"
#include "paired.hpp"
#include "runtime/kernels.hpp"
#include "runtime/row_convolution.hpp"
#include "runtime/session.hpp"

namespace clef::bench {

HWY_EXPORT(MultiplyAdds);

namespace {

std::vector<float> noise(std::size_t count) {
    Random random(1, "bench layers");
    std::vector<float> values(count);
    for (float& value : values) value = static_cast<float>(0.1 * random.normal());
    return values;
}

// The best of several: what the machine can do when nothing else runs.
double multiply_adds_per_ms() {
    double best = 0;
    for (int i = 0; i < 30; ++i) {
        double count = 0;
        volatile float sink = 0;
        const double time =
            milliseconds([&] { sink = HWY_DYNAMIC_DISPATCH(MultiplyAdds)(200'000, &count); });
        best = std::max(best, count / time);
    }
    return best;
}

double bytes_per_ms() {
    const std::vector<float> source(1 << 26, 1.0F);  // 256 MiB: no cache holds it
    std::vector<double> times;
    for (int i = 0; i < 5; ++i) {
        volatile float sink = 0;
        times.push_back(milliseconds([&] { sink = kernels::mean(source.data(), source.size()); }));
    }
    return static_cast<double>(source.size() * sizeof(float)) / median(times);
}

struct Layer {
    std::size_t in, out, groups, kernel, stride, samples;
};

// The median time of the layer with its swish.
double layer_time(const Layer& l) {
    const auto weight = noise(l.out * (l.in / l.groups) * l.kernel);
    const auto bias = noise(l.out);
    const rows::RowLayer packed = rows::pack_rows(weight.data(), bias.data(), l.out, l.in, l.groups,
                                                  l.kernel, l.stride, Precision::float32);
    const SamePadding padding = same_padding(l.samples, l.kernel, l.stride);
    rows::Rows<float> input;
    rows::Rows<float> output;
    input.resize(l.samples, l.in, padding.left, padding.right, l.in == 1);
    output.resize(padding.output, l.out);
    const auto values = noise(l.in);
    for (std::size_t t = 0; t < l.samples; ++t) std::copy_n(values.data(), l.in, input.row(t));
    rows::Convolution job;
    job.layer = &packed;
    job.input = input.values.data();
    job.input_stride = input.stride;
    job.inputs = l.samples;
    job.left = padding.left;
    job.outputs = padding.output;
    job.finish.activated = output.row(0);
    job.finish.activated_stride = output.stride;
    std::vector<double> times;
    for (int i = 0; i < 31; ++i) {
        times.push_back(milliseconds([&] { rows::convolve_rows(job); }));
    }
    return median(times);
}

void print_layer(const std::string& name, const Layer& l, double peak) {
    const std::size_t outputs = same_padding(l.samples, l.kernel, l.stride).output;
    const auto weights = static_cast<double>(l.out * (l.in / l.groups) * l.kernel);
    const double floor = weights * static_cast<double>(outputs) / peak;
    const double time = layer_time(l);
    fmt::print("{:<34} {:>6} {:>9.2f} {:>9.4f} {:>9.4f} {:>5.0f} %\n", name, outputs,
               weights * 4e-6, time, floor, 100 * floor / time);
}

void print_encoder(const std::string& architecture, double peak, double bandwidth) {
    const Model model = random_model(architecture, 1, 1);
    const auto number = [](int value) { return static_cast<std::size_t>(value); };
    const Net1dShape& shape = model.shape;
    fmt::print("\n{:<34} {:>6} {:>9} {:>9} {:>9} {:>7}\n", architecture, "length", "weights MB",
               "ms", "floor ms", "peak");
    std::size_t samples = 5000;
    print_layer("stem", {1, number(shape.base_channels), 1, 16, 2, samples}, peak);
    samples = same_padding(samples, 16, 2).output;
    for (const Net1dBlock& block : net1d_blocks(shape)) {
        const std::size_t in = number(block.in_channels);
        const std::size_t middle = number(block.middle_channels);
        const std::size_t out = number(block.out_channels);
        print_layer(block.prefix + "conv1", {in, middle, 1, 1, 1, samples}, peak);
        print_layer(block.prefix + "conv2",
                    {middle, middle, number(block.groups), number(shape.kernel),
                     number(block.stride), samples},
                    peak);
        samples = same_padding(samples, number(shape.kernel), number(block.stride)).output;
        print_layer(block.prefix + "conv3", {middle, out, 1, 1, 1, samples}, peak);
    }
    const auto window = noise(5000);
    const double floor = static_cast<double>(net1d_multiply_adds(shape, 5000)) / peak;
    const double memory = 4 * static_cast<double>(model_parameters(model)) / bandwidth;
    for (const Precision precision : {Precision::float32, Precision::bfloat16, Precision::int8}) {
        const Session session(model, {precision});
        std::vector<double> times;
        for (int i = 0; i < 31; ++i) times.push_back(milliseconds([&] { session.run(window); }));
        const std::string name = fmt::format("one window, {}", precision_name(precision));
        fmt::print("{:<34} {:>6} {:>9} {:>9.4f} {:>9.4f} {:>5.0f} %\n", name, "", "", median(times),
                   floor, 100 * floor / median(times));
    }
    fmt::print("float32's weights once from memory: {:.4f} ms\n", memory);
}

}  // namespace
}  // namespace clef::bench

int main(int argc, char** argv) {
    std::vector<std::string> names(argv + 1, argv + argc);
    if (names.empty()) names = {"clef-small", "clef-medium"};
    const double peak = clef::bench::multiply_adds_per_ms();
    const double bandwidth = clef::bench::bytes_per_ms();
    fmt::print("{}: {:.1f} GFLOP/s of multiply-adds, {:.1f} GB/s read, one thread\n",
               clef::instruction_sets().front(), 2e-6 * peak, 1e-6 * bandwidth);
    for (const std::string& name : names) clef::bench::print_encoder(name, peak, bandwidth);
    return 0;
}

#endif  // HWY_ONCE
