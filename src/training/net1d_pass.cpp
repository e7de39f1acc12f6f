#include "training/net1d_pass.hpp"

#include <algorithm>

#include "training/lane_kernels.hpp"

namespace clef {

namespace {

LaneConvolution convolution(int out, int in, int groups = 1, int kernel = 1, int stride = 1) {
    const auto number = [](int value) { return static_cast<std::size_t>(value); };
    return LaneConvolution(
        {number(in), number(out), number(groups), number(kernel), number(stride)});
}

Net1dLayer convolution_layer(const std::string& prefix, LaneConvolution convolution) {
    return {std::move(convolution), prefix + "conv.weight", prefix + "conv.bias"};
}

Net1dLayer linear_layer(const std::string& prefix, int out, int in) {
    return {convolution(out, in), prefix + "weight", prefix + "bias"};
}

Net1dBlockLayers block_layers(const Net1dShape& shape, const Net1dBlock& block) {
    const int middle = block.middle_channels;
    const int out = block.out_channels;
    return {block,
            convolution_layer(block.prefix + "conv1.", convolution(middle, block.in_channels)),
            convolution_layer(block.prefix + "conv2.", convolution(middle, middle, block.groups,
                                                                   shape.kernel, block.stride)),
            convolution_layer(block.prefix + "conv3.", convolution(out, middle)),
            linear_layer(block.prefix + "se_fc1.", out / 2, out),
            linear_layer(block.prefix + "se_fc2.", out, out / 2)};
}

void add_weight_gradient(const Net1dLayer& layer, const LanePlane& gradient, const LanePlane& x,
                         float* gradients) {
    layer.convolution.add_weight_gradient(gradient, x, gradients + layer.weight_offset,
                                          gradients + layer.bias_offset);
}

// The shortcut's channels lie in the middle of the wider output.
std::size_t shortcut_offset(const Net1dBlock& block) {
    return static_cast<std::size_t>(block.out_channels - block.in_channels) / 2;
}

bool has_shortcut(const Net1dBlock& block, std::size_t channel) {
    const std::size_t first = shortcut_offset(block);
    return channel >= first && channel < first + static_cast<std::size_t>(block.in_channels);
}

std::size_t pool_left(const Net1dBlock& block, std::size_t samples) {
    const auto stride = static_cast<std::size_t>(block.stride);
    return same_padding(samples, stride, stride).left;
}

// column[lane] ↔ values[lane · stride]
void scatter(const LanePlane& plane, std::size_t count, float* values) {
    for (std::size_t lane = 0; lane < count; ++lane) {
        for (std::size_t c = 0; c < plane.channels; ++c)
            values[lane * plane.channels + c] = plane.row(c)[lane];
    }
}

void gather(const float* values, std::size_t count, const LanePlane& plane) {
    std::fill_n(plane.values, plane.size(), 0.0F);
    for (std::size_t lane = 0; lane < count; ++lane) {
        for (std::size_t c = 0; c < plane.channels; ++c)
            plane.row(c)[lane] = values[lane * plane.channels + c];
    }
}

}  // namespace

Net1dLayers::Net1dLayers(const Net1dShape& s)
    : shape(s),
      stem(convolution_layer("first_conv.",
                             convolution(s.base_channels, s.input_leads, 1, s.kernel, s.stride))) {
    for (const Net1dBlock& block : net1d_blocks(s)) blocks.push_back(block_layers(s, block));
    if (s.outputs > 0) dense.push_back(linear_layer("dense.", s.outputs, s.embedding_size()));
    for_each([this](Net1dLayer& layer, bool) { find_place(layer); });
}

template <typename Work>
void Net1dLayers::for_each(const Work& work) {
    work(stem, false);
    for (Net1dBlockLayers& block : blocks) {
        work(block.narrow, false);
        work(block.grouped, false);
        work(block.widen, false);
        work(block.squeeze, true);
        work(block.excite, true);
    }
    for (Net1dLayer& layer : dense) work(layer, true);
}

void Net1dLayers::find_place(Net1dLayer& layer) {
    const LaneConvolutionShape& size = layer.convolution.shape();
    const auto take = [this](const std::string& name, std::size_t count) {
        places[name] = {gradient_size, count};
        gradient_size += count;
        return places[name].offset;
    };
    layer.weight_offset =
        take(layer.weight, size.out_channels * (size.in_channels / size.groups) * size.kernel);
    layer.bias_offset = take(layer.bias, size.out_channels);
}

void Net1dLayers::pack(const std::map<std::string, const float*>& parameters, std::size_t samples) {
    for_each([&](Net1dLayer& layer, bool on_one_column) {
        layer.convolution.pack(parameters.at(layer.weight), parameters.at(layer.bias),
                               on_one_column ? 1 : samples);
        if (!on_one_column) samples = layer.convolution.output_samples();
    });
}

void Net1dPass::take_views(const Net1dLayers& layers, const float* views, std::size_t samples) {
    const auto leads = static_cast<std::size_t>(layers.shape.input_leads);
    const LanePlane& x = views_.shape(leads, samples, layers.stem.convolution.margin());
    for (std::size_t lead = 0; lead < leads; ++lead) {
        float* row = x.row(lead);
        for (std::size_t t = 0; t < samples; ++t) {
            for (std::size_t lane = 0; lane < lanes; ++lane) {
                row[t * lanes + lane] =
                    lane < count_ ? views[(lane * leads + lead) * samples + t] : 0.0F;
            }
        }
    }
}

void Net1dPass::forward(const Net1dLayers& layers, const float* views, std::size_t count,
                        std::size_t samples, float* outputs) {
    count_ = count;
    take_views(layers, views, samples);
    const LaneConvolution& stem = layers.stem.convolution;
    const auto base = stem.shape().out_channels;
    stem.forward_swish(views_.plane(), stem_.shape(base, stem.output_samples()),
                       stem_slope_.shape(base, stem.output_samples()));
    blocks_.resize(layers.blocks.size());
    const LanePlane* x = &stem_.plane();
    for (std::size_t b = 0; b < blocks_.size(); ++b) {
        forward_block(layers.blocks[b], *x, blocks_[b]);
        x = &blocks_[b].output.plane();
    }
    const LanePlane& embedding = embedding_.shape(x->channels, 1);
    for (std::size_t c = 0; c < x->channels; ++c) {
        lane_kernels::column_sum(x->row(c), x->samples, 1.0F / static_cast<float>(x->samples),
                                 embedding.row(c));
    }
    if (layers.dense.empty()) return scatter(embedding, count_, outputs);
    const LaneConvolution& dense = layers.dense.front().convolution;
    dense.forward(embedding, outputs_.shape(dense.shape().out_channels, 1));
    scatter(outputs_.plane(), count_, outputs);
}

void Net1dPass::forward_block(const Net1dBlockLayers& layers, const LanePlane& x, Block& block) {
    const Net1dBlock& shape = layers.shape;
    const LanePlane* activated = &x;
    if (!shape.first) {
        activated = &block.activated.shape(x.channels, x.samples);
        const LanePlane& slope = block.activated_slope.shape(x.channels, x.samples);
        lane_kernels::swish(x.values, activated->values, slope.values, x.channels * x.samples);
    }
    const std::size_t middle = layers.narrow.convolution.shape().out_channels;
    const std::size_t out = layers.widen.convolution.shape().out_channels;
    const std::size_t samples = layers.grouped.convolution.output_samples();
    const LanePlane& narrowed =
        block.narrowed.shape(middle, x.samples, layers.grouped.convolution.margin());
    layers.narrow.convolution.forward_swish(*activated, narrowed,
                                            block.narrowed_slope.shape(middle, x.samples));
    const LanePlane& grouped = block.grouped.shape(middle, samples);
    layers.grouped.convolution.forward_swish(narrowed, grouped,
                                             block.grouped_slope.shape(middle, samples));
    const LanePlane& widened = block.widened.shape(out, samples);
    layers.widen.convolution.forward(grouped, widened);

    const LanePlane& mean = block.mean.shape(out, 1);
    for (std::size_t c = 0; c < out; ++c) {
        lane_kernels::column_sum(widened.row(c), samples, 1.0F / static_cast<float>(samples),
                                 mean.row(c));
    }
    const std::size_t hidden = layers.squeeze.convolution.shape().out_channels;
    layers.squeeze.convolution.forward_swish(mean, block.hidden.shape(hidden, 1),
                                             block.hidden_slope.shape(hidden, 1));
    const LanePlane& gate = block.gate.shape(out, 1);
    layers.excite.convolution.forward(block.hidden.plane(), gate);
    lane_kernels::sigmoid(gate.values, gate.values, out);

    const LanePlane& y = block.output.shape(out, samples);
    for (std::size_t c = 0; c < out; ++c) {
        const float* shortcut = nullptr;
        if (has_shortcut(shape, c)) {
            shortcut = x.row(c - shortcut_offset(shape));
            if (shape.stride != 1) {
                lane_kernels::pool(shortcut, x.samples, static_cast<std::size_t>(shape.stride),
                                   pool_left(shape, x.samples), y.row(c), samples);
                shortcut = y.row(c);
            }
        }
        lane_kernels::scale_and_add(widened.row(c), gate.row(c), shortcut, nullptr, y.row(c),
                                    samples);
    }
}

void Net1dPass::backward(const Net1dLayers& layers, const float* gradient, Net1dScratch& scratch,
                         float* gradients) {
    const LanePlane& embedding = embedding_.plane();
    const LanePlane& of_mean = scratch.mean.shape(embedding.channels, 1);
    if (layers.dense.empty()) {
        gather(gradient, count_, of_mean);
    } else {
        const Net1dLayer& dense = layers.dense.front();
        const LanePlane& of_outputs = scratch.gate.shape(dense.convolution.shape().out_channels, 1);
        gather(gradient, count_, of_outputs);
        add_weight_gradient(dense, of_outputs, embedding, gradients);
        dense.convolution.input_gradient(of_outputs, nullptr, of_mean);
    }
    const std::size_t samples = blocks_.back().output.plane().samples;
    const LanePlane& ahead = scratch.ahead.shape(embedding.channels, samples);
    for (std::size_t c = 0; c < embedding.channels; ++c) {
        for (std::size_t i = 0; i < samples * lanes; ++i)
            ahead.row(c)[i] = of_mean.row(c)[i % lanes] / static_cast<float>(samples);
    }
    for (std::size_t b = blocks_.size(); b-- > 0;) {
        const LanePlane& x = b > 0 ? blocks_[b - 1].output.plane() : stem_.plane();
        backward_block(layers.blocks[b], x, blocks_[b], scratch, gradients);
        std::swap(scratch.ahead, scratch.behind);
    }
    const LanePlane& of_stem = scratch.ahead.plane();
    lane_kernels::multiply(of_stem.values, stem_slope_.plane().values,
                           of_stem.channels * of_stem.samples);
    add_weight_gradient(layers.stem, of_stem, views_.plane(), gradients);
}

void Net1dPass::backward_gate(const Net1dBlockLayers& layers, Block& block, Net1dScratch& scratch,
                              float* gradients) {
    const LanePlane& ahead = scratch.ahead.plane();
    const LanePlane& gate = block.gate.plane();
    const LanePlane& of_gate = scratch.gate.shape(gate.channels, 1);
    for (std::size_t c = 0; c < gate.channels; ++c) {
        lane_kernels::column_product(ahead.row(c), block.widened.plane().row(c), ahead.samples,
                                     of_gate.row(c));
        for (std::size_t lane = 0; lane < lanes; ++lane) {
            const float open = gate.row(c)[lane];
            of_gate.row(c)[lane] *= open * (1.0F - open);  // sigmoid's derivative
        }
    }
    const LanePlane& hidden = block.hidden.plane();
    add_weight_gradient(layers.excite, of_gate, hidden, gradients);
    const LanePlane& of_hidden = scratch.hidden.shape(hidden.channels, 1);
    layers.excite.convolution.input_gradient(of_gate, &block.hidden_slope.plane(), of_hidden);
    add_weight_gradient(layers.squeeze, of_hidden, block.mean.plane(), gradients);
    const LanePlane& of_mean = scratch.mean.shape(gate.channels, 1);
    layers.squeeze.convolution.input_gradient(of_hidden, nullptr, of_mean);

    const LanePlane& of_widened = scratch.widened.shape(ahead.channels, ahead.samples);
    const float share = 1.0F / static_cast<float>(ahead.samples);
    for (std::size_t c = 0; c < gate.channels; ++c) {
        for (std::size_t lane = 0; lane < lanes; ++lane) of_mean.row(c)[lane] *= share;
        lane_kernels::scale_and_add(ahead.row(c), gate.row(c), nullptr, of_mean.row(c),
                                    of_widened.row(c), ahead.samples);
    }
}

void Net1dPass::backward_block(const Net1dBlockLayers& layers, const LanePlane& x, Block& block,
                               Net1dScratch& scratch, float* gradients) {
    const Net1dBlock& shape = layers.shape;
    backward_gate(layers, block, scratch, gradients);
    const LanePlane& of_widened = scratch.widened.plane();
    const LanePlane& grouped = block.grouped.plane();
    const LanePlane& narrowed = block.narrowed.plane();
    add_weight_gradient(layers.widen, of_widened, grouped, gradients);
    const LanePlane& of_grouped = scratch.grouped.shape(grouped.channels, grouped.samples,
                                                        layers.grouped.convolution.margin());
    layers.widen.convolution.input_gradient(of_widened, &block.grouped_slope.plane(), of_grouped);

    add_weight_gradient(layers.grouped, of_grouped, narrowed, gradients);
    const LanePlane& of_narrowed = scratch.narrowed.shape(narrowed.channels, narrowed.samples);
    layers.grouped.convolution.input_gradient(of_grouped, &block.narrowed_slope.plane(),
                                              of_narrowed);

    add_weight_gradient(layers.narrow, of_narrowed, shape.first ? x : block.activated.plane(),
                        gradients);
    const LanePlane& behind = scratch.behind.shape(x.channels, x.samples);
    layers.narrow.convolution.input_gradient(
        of_narrowed, shape.first ? nullptr : &block.activated_slope.plane(), behind);
    const LanePlane& ahead = scratch.ahead.plane();
    for (std::size_t c = 0; c < x.channels; ++c) {
        const float* of_shortcut = ahead.row(c + shortcut_offset(shape));
        if (shape.stride == 1) {
            lane_kernels::add(behind.row(c), of_shortcut, x.samples);
        } else {
            lane_kernels::add_pool_gradient(
                x.row(c), x.samples, static_cast<std::size_t>(shape.stride),
                pool_left(shape, x.samples), of_shortcut, behind.row(c), ahead.samples);
        }
    }
}

}  // namespace clef
