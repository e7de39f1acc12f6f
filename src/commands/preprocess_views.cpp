#include "commands/preprocess_views.hpp"

#include <cmath>

#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "commands/output.hpp"
#include "formats/npy.hpp"
#include "pretraining/options.hpp"

namespace clef {

namespace {

// The window that the trainer would cut views from: all of a recording no longer than the recipe's.
Recording read_window(const WindowSource& source, double window_seconds) {
    const RecordingInfo info = read_ecg_info(source.record, source.reading);
    const auto length =
        static_cast<std::uint64_t>(std::llround(window_seconds * info.sampling_rate));
    const std::uint64_t windows = std::max<std::uint64_t>(1, info.samples / length);
    if (source.window >= windows) {
        fail_input("{}: window {} of {}; windows count from 0", source.record, source.window,
                   windows);
    }
    ReadOptions read = source.reading;
    read.from = source.window * length;
    read.to = read.from + length;
    return read_ecg(source.record, read);
}

nlohmann::json view_json(const ViewWindow& window, const ViewDraw& draw, double rate) {
    return {{"lead", window.leads()[draw.lead]},
            {"start_s", static_cast<double>(draw.start) / rate},
            {"duration_s", static_cast<double>(draw.length) / rate}};
}

std::string view_text(const ViewWindow& window, const ViewDraw& draw, double rate) {
    return fmt::format("lead {}, {:.3f} s from {:.3f} s", window.leads()[draw.lead],
                       static_cast<double>(draw.length) / rate,
                       static_cast<double>(draw.start) / rate);
}

}  // namespace

void write_views(const Preprocessor& preprocessor, const WindowSource& source,
                 const ViewsRequest& request, const std::string& output, bool json) {
    const PretrainOptions options = read_options(request.config, request.settings);
    const ViewMaker maker(options.views, preprocessor);
    const double rate = preprocessor.recipe().sampling_rate;
    const UnfilteredWindow window(read_window(source, preprocessor.recipe().window_seconds),
                                  preprocessor, source.record);
    if (window.samples() < maker.samples()) {
        fail_input("{}: {:.4g} s long, a view takes {:g} s (views.crop_seconds)", source.record,
                   static_cast<double>(window.samples()) / rate, options.views.crop_seconds);
    }
    std::vector<float> views(2 * maker.samples());
    ViewRandom random(options.seed, request.draw, 0);
    const ViewPair pair =
        maker.make(window, window, random, views.data(), views.data() + maker.samples());
    write_npy(output, views, {2, maker.samples()});
    if (json) {
        print_json({{"output", output},
                    {"samples", maker.samples()},
                    {"sampling_rate", rate},
                    {"first", view_json(window, pair.first, rate)},
                    {"second", view_json(window, pair.second, rate)}});
        return;
    }
    fmt::print("{}: 2 × {} float32 at {:g} Hz, draw {} of {}\n  first:  {}\n  second: {}\n", output,
               maker.samples(), rate, request.draw, request.config,
               view_text(window, pair.first, rate), view_text(window, pair.second, rate));
}

}  // namespace clef
