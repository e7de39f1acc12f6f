// Net1D (encoder/net1d.hpp) run forward: channels lie side by side, so that every layer is weights
// of sixteen outputs times inputs one by one, at any length of a row.
#include <algorithm>
#include <string>

#include "runtime/network.hpp"
#include "runtime/row_convolution.hpp"
#include "runtime/row_passes.hpp"

namespace clef {

namespace {

using rows::Lines;
using rows::RowLayer;
using rows::Rows;

// What a layer takes: one of the three, by its precision.
struct Inputs {
    Rows<float> numbers;
    Rows<std::uint16_t> halves;
    Rows<std::uint8_t> bytes;
    Lines<float> scales;  // of bytes
    Lines<std::int32_t> zeros;
};

// Scratch memory of a thread, as large as the longest and widest window met.
struct Workspace {
    Rows<float> input;
    Rows<float> current;   // the residual stream
    Rows<float> shortcut;  // a few rows of it, pooled
    // Each serves two ends one after the other, so that little memory is touched.
    Inputs activated;  // swish of current; then of the second convolution
    Inputs middle;     // of the first, padded for the second; then the third one's output
    Lines<float> squeezed, rests, hidden, gates, ranges;
    Inputs vector;  // of a linear layer
    Rows<float> vector_output;
};

Workspace& workspace() {
    thread_local Workspace instance;
    return instance;
}

struct Block {
    Net1dBlock shape;
    RowLayer conv1;
    RowLayer conv2;
    RowLayer conv3;
    RowLayer excite1;
    RowLayer excite2;
};

RowLayer packed(Weights& weights, const std::string& prefix, std::size_t groups, std::size_t stride,
                Precision precision) {
    const Tensor& weight = weights.at(prefix + "weight");
    const auto size = [&weight](std::size_t i) {
        return static_cast<std::size_t>(weight.shape[i]);
    };
    RowLayer layer = rows::pack_rows(
        weight.floats().data(), weights.at(prefix + "bias").floats().data(), size(0),
        size(1) * groups, groups, weight.shape.size() > 2 ? size(2) : 1, stride, precision);
    weights.done_with(prefix + "weight");
    return layer;
}

// Rows for a layer's inputs, to be written by what comes before it: `left` and `right` of padding.
void* prepare(Inputs& inputs, const RowLayer& layer, std::size_t instants, std::size_t left,
              std::size_t right, std::size_t& stride) {
    if (layer.precision == Precision::bfloat16) {
        inputs.halves.resize(instants, layer.in, left, right);
        stride = inputs.halves.stride;
        return inputs.halves.row(0);
    }
    // Bytes are made of these when all are known; their padding comes then.
    const bool bytes = layer.precision == Precision::int8;
    inputs.numbers.resize(instants, layer.in, bytes ? 0 : left, bytes ? 0 : right);
    stride = inputs.numbers.stride;
    return inputs.numbers.row(0);
}

// The layer on inputs that were prepared for it; `numbers` of them, where not rounded yet, may lie
// elsewhere.
void convolve(const RowLayer& layer, Inputs& inputs, const Rows<float>& numbers,
              std::size_t instants, Workspace& work, const rows::Finish& finish) {
    const SamePadding padding = same_padding(instants, layer.kernel, layer.stride);
    rows::Convolution job;
    job.layer = &layer;
    job.inputs = instants;
    job.left = padding.left;
    job.outputs = padding.output;
    job.finish = finish;
    if (layer.precision == Precision::bfloat16) {
        job.input = inputs.halves.values.data();
        job.input_stride = inputs.halves.stride;
    } else if (layer.precision == Precision::int8) {
        const std::size_t sets = std::max(instants, layer.groups);
        inputs.scales.resize(std::max(inputs.scales.size(), sets));
        inputs.zeros.resize(inputs.scales.size());
        if (layer.kernel == 1) {
            rows::rows_to_bytes(numbers, inputs.bytes, inputs.scales.data(), inputs.zeros.data());
        } else {
            inputs.bytes.resize(instants, layer.in, padding.left, padding.right);
            rows::groups_to_bytes(numbers, layer.groups, inputs.bytes, padding.right,
                                  inputs.scales.data(), inputs.zeros.data(), work.ranges);
        }
        job.input = inputs.bytes.values.data();
        job.input_stride = inputs.bytes.stride;
        job.bytes = {inputs.scales.data(), inputs.zeros.data()};
    } else {
        job.input = numbers.values.data();
        job.input_stride = numbers.stride;
    }
    rows::convolve_rows(job);
}

void convolve(const RowLayer& layer, Inputs& inputs, std::size_t instants, Workspace& work,
              const rows::Finish& finish) {
    convolve(layer, inputs, inputs.numbers, instants, work, finish);
}

// y = layer · x, or its swish.
void multiply(const RowLayer& layer, const float* x, float* y, bool swish, Workspace& work) {
    std::size_t stride = 0;
    void* to = prepare(work.vector, layer, 1, 0, 0, stride);
    if (layer.precision == Precision::bfloat16) {
        rows::round_rows(x, static_cast<std::uint16_t*>(to), layer.in);
    } else {
        std::copy_n(x, layer.in, static_cast<float*>(to));
    }
    rows::Finish finish;
    finish.activated = y;
    finish.swish = swish;
    convolve(layer, work.vector, 1, work, finish);
}

void zeros(Lines<float>& vector, std::size_t count) {
    const std::size_t room = count + rows::panel_lanes;
    if (vector.size() < room) vector.resize(room);
    std::fill_n(vector.data(), room, 0.0F);
}

// work.squeezed and what it lacks: sums over `instants` → work.gates.
void excite(const Block& block, std::size_t instants, Workspace& work) {
    for (std::size_t c = 0; c < block.excite1.in; ++c) {
        const double sum = double{work.squeezed[c]} + work.rests[c];
        work.squeezed[c] = static_cast<float>(sum / static_cast<double>(instants));
    }
    zeros(work.hidden, block.excite1.out);
    multiply(block.excite1, work.squeezed.data(), work.hidden.data(), true, work);
    zeros(work.gates, block.excite2.out);
    multiply(block.excite2, work.hidden.data(), work.gates.data(), false, work);
    rows::sigmoid(work.gates.data(), block.excite2.out);
}

// The convolution's swish as the next layer's inputs.
rows::Finish activate(Inputs& to, const RowLayer& next, std::size_t instants, std::size_t left,
                      std::size_t right) {
    rows::Finish finish;
    finish.activated = prepare(to, next, instants, left, right, finish.activated_stride);
    finish.rounded = next.precision == Precision::bfloat16;
    return finish;
}

// Gates `gating`'s rows and adds work.current to them, pooled where the block's shape asks for it:
// a few rows at a time, which the first cache holds.
void add_shortcut(const Block& block, rows::Gating gating, Workspace& work) {
    const Rows<float>& current = work.current;
    if (block.shape.stride == 1 && current.channels == gating.channels) {
        gating.shortcut = current.row(0);
        gating.shortcut_stride = current.stride;
        rows::gate_rows(gating);
        return;
    }
    constexpr std::size_t together = 16;
    const auto stride = static_cast<std::size_t>(block.shape.stride);
    const std::size_t left = same_padding(current.instants, stride, stride).left;
    const std::size_t outputs = gating.instants;
    for (; gating.first < outputs; gating.first += together) {
        gating.instants = std::min(together, outputs - gating.first);
        work.shortcut.resize(gating.instants, gating.channels);
        rows::pool_rows(current, stride, left, gating.first, work.shortcut);
        gating.shortcut = work.shortcut.row(0);
        gating.shortcut_stride = work.shortcut.stride;
        rows::gate_rows(gating);
    }
}

// work.current and, as its first layer takes it, work.activated → the same of the next block; of
// the last, sums over time in work.squeezed instead of the latter.
void run_block(const Block& block, const Block* next, Workspace& work) {
    const std::size_t instants = work.current.instants;
    const SamePadding padding = same_padding(instants, block.conv2.kernel, block.conv2.stride);
    const std::size_t outputs = padding.output;
    // The very first block takes what the stem gives.
    convolve(block.conv1, work.activated, block.shape.first ? work.current : work.activated.numbers,
             instants, work,
             activate(work.middle, block.conv2, instants, padding.left, padding.right));
    convolve(block.conv2, work.middle, instants, work,
             activate(work.activated, block.conv3, outputs, 0, 0));
    Rows<float>& output = work.middle.numbers;
    output.resize(outputs, block.conv3.out);
    zeros(work.squeezed, block.conv3.out);
    zeros(work.rests, block.conv3.out);
    rows::Finish plain;
    plain.plain = output.row(0);
    plain.plain_stride = output.stride;
    plain.column_sums = work.squeezed.data();
    plain.column_rests = work.rests.data();
    convolve(block.conv3, work.activated, outputs, work, plain);
    excite(block, outputs, work);

    rows::Gating gating;
    gating.rows = output.row(0);
    gating.stride = output.stride;
    gating.instants = outputs;
    gating.channels = block.conv3.out;
    gating.gates = work.gates.data();
    if (next != nullptr) {
        gating.activated =
            prepare(work.activated, next->conv1, outputs, 0, 0, gating.activated_stride);
        gating.rounded = next->conv1.precision == Precision::bfloat16;
    } else {
        zeros(work.squeezed, block.conv3.out);
        gating.column_sums = work.squeezed.data();
    }
    add_shortcut(block, gating, work);
    std::swap(work.current, output);
}

class Net1dNetwork : public Network {
  public:
    Net1dNetwork(const Net1dShape& shape, Weights& weights, Precision precision);
    std::size_t output_size() const override {
        return static_cast<std::size_t>(shape_.output_size());
    }
    std::size_t input_leads() const override {
        return static_cast<std::size_t>(shape_.input_leads);
    }
    void run(const NetworkInput& input, std::span<float> output) const override;
    std::vector<float> run_time_steps(const NetworkInput& input) const override;
    std::size_t step_size() const override {
        return static_cast<std::size_t>(shape_.embedding_size());
    }

  private:
    void run_stem(const NetworkInput& input, Workspace& work) const;
    // The last feature map in work.current, its sums over time in work.squeezed.
    void run_blocks(const NetworkInput& input, Workspace& work) const;
    // Each plane keeps its role from window to window, and so its size.
    void settle(Workspace& work) const {
        if (blocks_.size() % 2 == 1) std::swap(work.current, work.middle.numbers);
    }

    Net1dShape shape_;
    RowLayer stem_;
    std::vector<Block> blocks_;
    RowLayer dense_;
};

Net1dNetwork::Net1dNetwork(const Net1dShape& shape, Weights& weights, Precision precision)
    : shape_(shape),
      stem_(packed(weights, "first_conv.conv.", 1, static_cast<std::size_t>(shape.stride),
                   Precision::float32)) {
    for (const Net1dBlock& block : net1d_blocks(shape)) {
        const auto layer = [&](const char* name, int groups, int stride) {
            return packed(weights, block.prefix + name, static_cast<std::size_t>(groups),
                          static_cast<std::size_t>(stride), precision);
        };
        blocks_.push_back(
            {block, layer("conv1.conv.", 1, 1), layer("conv2.conv.", block.groups, block.stride),
             layer("conv3.conv.", 1, 1), layer("se_fc1.", 1, 1), layer("se_fc2.", 1, 1)});
    }
    if (shape.outputs > 0) dense_ = packed(weights, "dense.", 1, 1, Precision::float32);
}

// The window, instant by instant → work.current, also rounded where the first block wants it so.
void Net1dNetwork::run_stem(const NetworkInput& input, Workspace& work) const {
    const SamePadding padding = same_padding(input.length, stem_.kernel, stem_.stride);
    work.input.resize(input.length, stem_.in, padding.left, padding.right, true);
    for (std::size_t lead = 0; lead < stem_.in; ++lead) {
        const auto samples = input.row(lead);
        float* to = work.input.row(0) + lead;
        if (stem_.in == 1) std::copy_n(samples.data(), input.length, to);
        for (std::size_t t = 0; t < input.length && stem_.in > 1; ++t) {
            to[t * stem_.in] = samples[t];
        }
    }
    work.current.resize(padding.output, stem_.out);
    rows::Convolution job;
    job.layer = &stem_;
    job.input = work.input.values.data();
    job.input_stride = work.input.stride;
    job.inputs = input.length;
    job.left = padding.left;
    job.outputs = padding.output;
    job.finish.activated = work.current.row(0);
    job.finish.activated_stride = work.current.stride;
    rows::convolve_rows(job);
    if (blocks_.front().conv1.precision != Precision::bfloat16) return;
    work.activated.halves.resize(padding.output, stem_.out);
    for (std::size_t t = 0; t < padding.output; ++t) {
        rows::round_rows(work.current.row(t), work.activated.halves.row(t), stem_.out);
    }
}

void Net1dNetwork::run_blocks(const NetworkInput& input, Workspace& work) const {
    run_stem(input, work);
    for (std::size_t i = 0; i < blocks_.size(); ++i) {
        run_block(blocks_[i], i + 1 < blocks_.size() ? &blocks_[i + 1] : nullptr, work);
    }
}

std::vector<float> Net1dNetwork::run_time_steps(const NetworkInput& input) const {
    Workspace& work = workspace();
    run_blocks(input, work);
    std::vector<float> steps;
    for (std::size_t t = 0; t < work.current.instants; ++t) {
        const float* row = work.current.row(t);
        steps.insert(steps.end(), row, row + work.current.channels);
    }
    settle(work);
    return steps;
}

void Net1dNetwork::run(const NetworkInput& input, std::span<float> output) const {
    Workspace& work = workspace();
    run_blocks(input, work);
    const auto instants = static_cast<float>(work.current.instants);
    for (std::size_t c = 0; c < work.current.channels; ++c) work.squeezed[c] /= instants;
    settle(work);
    if (shape_.outputs == 0) {
        std::copy_n(work.squeezed.data(), output.size(), output.data());
        return;
    }
    zeros(work.hidden, dense_.out);
    multiply(dense_, work.squeezed.data(), work.hidden.data(), false, work);
    std::copy_n(work.hidden.data(), output.size(), output.data());
}

}  // namespace

std::unique_ptr<const Network> net1d_network(const Model& model, Weights& weights,
                                             Precision precision) {
    return std::make_unique<Net1dNetwork>(model.shape, weights, precision);
}

}  // namespace clef
