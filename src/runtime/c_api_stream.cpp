// The C API's streams.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

#include "runtime/c_api.hpp"
#include "runtime/stream.hpp"

namespace clef::c_api {

namespace {

struct OpenStream {
    OpenStream(std::shared_ptr<const OpenModel> open, StreamOptions options)
        : model(std::move(open)), stream(model->session, model->preprocessor, std::move(options)) {}

    std::shared_ptr<const OpenModel> model;
    Stream stream;
    std::mutex mutex;
};

Handles<clef_stream, OpenStream>& streams() {
    static auto* table = new Handles<clef_stream, OpenStream>("stream");
    return *table;
}

StreamOptions options_of(const clef_stream_options& given) {
    StreamOptions options;
    options.sampling_rate = given.sampling_rate;
    options.hop_seconds = given.hop_seconds;
    if (given.filter != CLEF_FILTER_ZERO_PHASE && given.filter != CLEF_FILTER_CAUSAL) {
        fail(CLEF_ERROR_ARGUMENT, "filter {}; expected CLEF_FILTER_ZERO_PHASE or _CAUSAL",
             given.filter);
    }
    if (given.filter == CLEF_FILTER_CAUSAL) options.filter = StreamFilter::causal;
    if (!(given.min_quality >= 0 && given.min_quality <= 1)) {
        fail(CLEF_ERROR_ARGUMENT, "min_quality {}; expected 0 to 1", given.min_quality);
    }
    if (given.min_quality > 0) options.min_quality = given.min_quality;
    if (given.leads > 0) require(given.lead_names, "lead_names");
    options.leads = lead_names(given.lead_names, given.leads);
    return options;
}

void tell(const StreamWindow& from, clef_stream_window& to) {
    to.first_sample = from.first_sample;
    to.start_seconds = from.start_seconds;
    to.seconds = from.seconds;
    to.missing = from.missing;
    to.quality = from.quality.quality;
    to.embedded = from.embedding.empty() ? 0 : 1;
    std::snprintf(to.reason, sizeof(to.reason), "%s", from.reason.c_str());
}

}  // namespace

}  // namespace clef::c_api

using namespace clef;
using namespace clef::c_api;

extern "C" {

clef_status clef_stream_open(const clef_model* model, const clef_stream_options* options,
                             clef_stream** stream) {
    return guarded([&] {
        const auto open = models().get(model);
        require(options, "options");
        require(stream, "stream");
        *stream = streams().add(std::make_shared<OpenStream>(open, options_of(*options)));
        return CLEF_OK;
    });
}

clef_status clef_stream_push(clef_stream* stream, const float* samples, size_t frames,
                             size_t* taken) {
    return guarded([&] {
        const auto open = streams().get(stream);
        if (frames > 0) require(samples, "samples");
        const std::lock_guard lock(open->mutex);
        const std::size_t leads = open->stream.leads();
        if (frames > std::numeric_limits<std::size_t>::max() / sizeof(float) / leads) {
            fail(CLEF_ERROR_SIZE, "{} frames of {} leads are more than memory can hold", frames,
                 leads);
        }
        const std::size_t done = open->stream.push({samples, frames * leads});
        if (taken != nullptr) *taken = done;
        return CLEF_OK;
    });
}

clef_status clef_stream_gap(clef_stream* stream, uint64_t frames, uint64_t* taken) {
    return guarded([&] {
        const auto open = streams().get(stream);
        const std::lock_guard lock(open->mutex);
        const std::uint64_t done = open->stream.push_gap(frames);
        if (taken != nullptr) *taken = done;
        return CLEF_OK;
    });
}

clef_status clef_stream_next(clef_stream* stream, clef_stream_window* window, float* embedding,
                             size_t capacity) {
    return guarded([&] {
        const auto open = streams().get(stream);
        require(window, "window");
        require(embedding, "embedding");
        const std::size_t size = open->model->session.output_size();
        if (capacity < size) {
            fail(CLEF_ERROR_SIZE, "{} numbers do not fit into {}", size, capacity);
        }
        const std::lock_guard lock(open->mutex);
        const auto next = open->stream.next();
        if (!next) return clef_status{CLEF_NOTHING_YET};
        tell(*next, *window);
        std::fill_n(embedding, size, 0.0F);
        std::copy(next->embedding.begin(), next->embedding.end(), embedding);
        return clef_status{CLEF_OK};
    });
}

clef_status clef_stream_close(clef_stream* stream) {
    return guarded([&] {
        streams().close(stream);
        return CLEF_OK;
    });
}

}  // extern "C"
