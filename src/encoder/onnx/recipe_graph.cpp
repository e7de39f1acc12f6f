#include "encoder/onnx/recipe_graph.hpp"

#include <algorithm>
#include <limits>

#include "base/error.hpp"
#include "signal/impulse_response.hpp"
#include "signal/zero_phase.hpp"

namespace clef::onnx {

namespace {

using Integers = std::vector<std::int64_t>;

class ZeroPhaseBuilder {
  public:
    ZeroPhaseBuilder(Graph& graph, std::string name, const FilterCoefficients& filter, int leads,
                     std::size_t samples, std::size_t padding)
        : graph_(graph),
          name_(std::move(name)),
          leads_(leads),
          samples_(static_cast<std::int64_t>(samples)),
          padding_(static_cast<std::int64_t>(padding)),
          response_(impulse_response(filter, samples + 2 * padding)),
          gain_(static_cast<float>(gain_at_zero(filter))) {}

    std::string build(const std::string& input) {
        const std::string extended = extend(input);
        const std::int64_t length = samples_ + 2 * padding_;
        const std::string forward = run(extended, "forward", 0, length - 1);
        const std::string both = run(forward, "backward", length - 1, 0);
        return slice(both, "kept", padding_, padding_ + samples_, 1);
    }

  private:
    std::string slice(const std::string& x, const std::string& what, std::int64_t from,
                      std::int64_t to, std::int64_t step) {
        const std::string name = name_ + "." + what;
        return graph_.add(
            "Slice",
            {x, graph_.integers(name + ".from", {from}), graph_.integers(name + ".to", {to}),
             graph_.integers("last_axis", {2}), graph_.integers(name + ".step", {step})},
            name);
    }

    // 2 × the sample at `end` − the samples behind it, backwards.
    std::string reflection(const std::string& x, const std::string& what, std::int64_t end,
                           std::int64_t from, std::int64_t to) {
        const std::string sample = slice(x, what + "_sample", end, end + 1, 1);
        const std::string twice =
            graph_.add("Add", {sample, sample}, name_ + "." + what + "_twice");
        return graph_.add("Sub", {twice, slice(x, what + "_reversed", from, to, -1)},
                          name_ + "." + what);
    }

    std::string extend(const std::string& x) {
        const std::int64_t last = samples_ - 1;
        return graph_.add("Concat",
                          {reflection(x, "before", 0, padding_, 0), x,
                           reflection(x, "after", last, last - 1, last - 1 - padding_)},
                          name_ + ".extended", {{"axis", std::int64_t{2}}});
    }

    // One run. `start` is the sample whose past is constant; causal where it is the first.
    std::string run(const std::string& x, const std::string& what, std::int64_t start,
                    std::int64_t pad_before) {
        const std::string name = name_ + "." + what;
        const std::string first = slice(x, what + "_start", start, start + 1, 1);
        const std::string moved = graph_.add("Sub", {x, first}, name + "_moved");
        const bool causal = pad_before > 0;
        const std::int64_t length = samples_ + 2 * padding_;
        std::vector<float> taps;  // a row per lead; ONNX's Conv correlates: causal is reversed
        for (int lead = 0; lead < leads_; ++lead) {
            taps.insert(taps.end(), response_.begin(), response_.end());
        }
        if (causal) std::reverse(taps.begin(), taps.end());
        const std::string weight = graph_.floats(name + ".taps", {leads_, 1, length}, taps);
        const std::string filtered =
            graph_.add("Conv", {moved, weight}, name,
                       {{"group", std::int64_t{leads_}},
                        {"kernel_shape", Integers{length}},
                        {"pads", Integers{pad_before, causal ? 0 : length - 1}}});
        if (gain_ == 0) return filtered;
        const std::string gain = graph_.floats(name_ + ".gain", {1}, std::vector<float>{gain_});
        const std::string passed = graph_.add("Mul", {first, gain}, name + "_passed");
        return graph_.add("Add", {filtered, passed}, name + "_sum");
    }

    Graph& graph_;
    std::string name_;
    int leads_;
    std::int64_t samples_;
    std::int64_t padding_;
    std::vector<float> response_;
    float gain_;
};

}  // namespace

std::string add_z_score(Graph& graph, const std::string& input, const Recipe& recipe) {
    const Attributes over = {{"axes", recipe.joint_z_score ? Integers{1, 2} : Integers{2}},
                             {"keepdims", std::int64_t{1}}};
    const std::string mean = graph.add("ReduceMean", {input}, "z_score.mean", over);
    const std::string centred = graph.add("Sub", {input, mean}, "z_score.centred");
    const std::string squares = graph.add("Mul", {centred, centred}, "z_score.squares");
    const std::string variance = graph.add("ReduceMean", {squares}, "z_score.variance", over);
    const std::string deviation = graph.add("Sqrt", {variance}, "z_score.deviation");
    const std::string epsilon = graph.floats(
        "z_score.epsilon", {1}, std::vector<float>{static_cast<float>(recipe.epsilon)});
    const std::string scale = graph.add("Add", {deviation, epsilon}, "z_score.scale");
    return graph.add("Div", {centred, scale}, "z_score");
}

std::string add_zero_phase(Graph& graph, const std::string& input, const std::string& name,
                           const FilterCoefficients& filter, int leads, std::size_t samples) {
    const std::size_t padding = ZeroPhaseFilter(filter).padding();
    if (samples <= padding) {
        fail_input("a window of {} samples is too short for the {}; expected more than {}", samples,
                   name, padding);
    }
    return ZeroPhaseBuilder(graph, name, filter, leads, samples, padding).build(input);
}

}  // namespace clef::onnx
