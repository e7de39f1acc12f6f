#include "runtime/session.hpp"

#include <algorithm>
#include <numeric>

#include "base/error.hpp"
#include "base/threads.hpp"
#include "runtime/network.hpp"

namespace clef {

namespace {

std::unique_ptr<const Network> packed(const Model& model, Weights weights, Precision precision) {
    return make_network(model, weights, precision);
}

void check_channels(std::span<const std::size_t> channels, const Network& network) {
    const std::size_t leads = network.input_leads();
    if (channels.size() != leads && !network.takes_fewer_leads()) {
        fail_input("a window of {} leads; the encoder takes {}", channels.size(), leads);
    }
    std::vector<bool> seen(leads);
    for (const std::size_t channel : channels) {
        if (channel >= leads || seen[channel]) {
            fail_input("channel {} {}; the encoder has the channels 0 to {}", channel,
                       channel < leads ? "given twice" : "does not exist", leads - 1);
        }
        seen[channel] = true;
    }
}

// Good until the thread asks again.
NetworkInput checked_input(std::span<const float> window, std::span<const std::size_t> channels,
                           const Network& network) {
    thread_local std::vector<std::size_t> all;
    if (channels.empty()) {
        all.resize(network.input_leads());
        std::iota(all.begin(), all.end(), std::size_t{0});
        channels = all;
    } else {
        check_channels(channels, network);
    }
    if (window.empty() || window.size() % channels.size() != 0) {
        fail_input("a window of {} values; expected a multiple of the encoder's {} leads",
                   window.size(), channels.size());
    }
    return {window, window.size() / channels.size(), channels};
}

NetworkInput checked_window(const Window& window, const Network& network) {
    NetworkInput input = checked_input(window.samples, window.channels, network);
    if (!window.observed.empty() && window.observed.size() != window.samples.size()) {
        fail_input("{} marks of {} samples; expected one for each, or none", window.observed.size(),
                   window.samples.size());
    }
    input.observed = window.observed;
    return input;
}

void check_steps(const Network& network) {
    if (network.step_size() > 0) return;
    fail_input("this family of encoders does not end in a mean over time steps");
}

}  // namespace

Session::Session(const Model& model, const SessionOptions& options)
    : network_(packed(model, Weights(model.tensors), options.precision)),
      precision_(options.precision) {}

Session::Session(Model&& model, const SessionOptions& options)
    : network_(packed(model, Weights(model.tensors), options.precision)),
      precision_(options.precision) {}

Session::~Session() = default;
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;

std::size_t Session::output_size() const {
    return network_->output_size();
}

std::size_t Session::input_leads() const {
    return network_->input_leads();
}

std::vector<float> Session::run(std::span<const float> window,
                                std::span<const std::size_t> channels) const {
    std::vector<float> output(output_size());
    run(window, channels, output);
    return output;
}

void Session::run(std::span<const float> window, std::span<const std::size_t> channels,
                  std::span<float> output) const {
    if (output.size() != output_size()) {
        fail_input("room for {} numbers; the encoder gives {}", output.size(), output_size());
    }
    network_->run(checked_input(window, channels, *network_), output);
}

std::vector<float> Session::run(const Window& window) const {
    return network_->run(checked_window(window, *network_));
}

std::size_t Session::step_size() const {
    return network_->step_size();
}

std::vector<float> Session::run_time_steps(std::span<const float> window,
                                           std::span<const std::size_t> channels) const {
    check_steps(*network_);
    return network_->run_time_steps(checked_input(window, channels, *network_));
}

std::vector<float> Session::run_time_steps(const Window& window) const {
    check_steps(*network_);
    return network_->run_time_steps(checked_window(window, *network_));
}

std::vector<float> Session::run(const std::vector<std::vector<float>>& windows,
                                unsigned threads) const {
    const std::size_t size = output_size();
    std::vector<float> outputs(windows.size() * size);
    parallel_for(windows.size(), threads, [&](std::size_t i) {
        run(windows[i], {}, std::span(outputs).subspan(i * size, size));
    });
    return outputs;
}

}  // namespace clef
