// The C API: models and signals. Streams and files are in c_api_stream.cpp and c_api_recording.cpp.
#include "runtime/c_api.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <limits>

#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "encoder/model.hpp"
#include "formats/leads.hpp"

namespace clef::c_api {

namespace {

// Not a std::string: telling of an error must not need memory.
thread_local char last_error[1024];

}  // namespace

void set_last_error(const char* message) noexcept {
    std::size_t length = std::min(std::strlen(message), sizeof(last_error) - 1);
    const auto continues = [&](std::size_t i) {
        return (static_cast<unsigned char>(message[i]) & 0xC0U) == 0x80U;
    };
    while (length > 0 && message[length] != 0 && continues(length)) --length;  // whole characters
    std::memcpy(last_error, message, length);
    last_error[length] = 0;
}

std::uintptr_t next_handle() {
    static std::atomic<std::uintptr_t> last{0};
    return ++last;
}

// The tables live until the process ends: other threads may still be calling while statics of this
// library are destroyed.
Handles<clef_model, OpenModel>& models() {
    static auto* table = new Handles<clef_model, OpenModel>("model");
    return *table;
}

std::vector<std::string> lead_names(const char* const* names, std::size_t count) {
    std::vector<std::string> result;
    if (names == nullptr) return result;
    if (count > 1024) fail(CLEF_ERROR_ARGUMENT, "{} lead names; expected at most 1024", count);
    for (std::size_t i = 0; i < count; ++i) {
        require(names[i], "a lead's name");
        result.emplace_back(names[i]);
    }
    return result;
}

void copy_text(const std::string& source, char* text, std::size_t capacity, std::size_t* length) {
    if (length != nullptr) *length = source.size();
    if (capacity <= source.size()) {
        fail(CLEF_ERROR_SIZE, "{} bytes of text and a zero behind them do not fit into {}",
             source.size(), capacity);
    }
    require(text, "text");
    std::memcpy(text, source.c_str(), source.size() + 1);
}

void check_rate(double rate) {
    if (!(rate > 0) || !std::isfinite(rate)) {
        fail(CLEF_ERROR_ARGUMENT, "a sampling rate of {} Hz; expected a positive number", rate);
    }
}

namespace {

// The caller's memory for `needed` numbers.
void check_room(std::size_t needed, const float* numbers, std::size_t capacity,
                std::size_t* count) {
    if (count != nullptr) *count = needed;
    if (capacity < needed) {
        fail(CLEF_ERROR_SIZE, "{} numbers do not fit into {}", needed, capacity);
    }
    require(numbers, "the memory for results");
}

void check_signal(const clef_signal& signal) {
    require(signal.samples, "samples");
    check_rate(signal.sampling_rate);
    if (signal.leads == 0 || signal.samples_per_lead == 0) {
        fail(CLEF_ERROR_SIZE, "a signal of {} leads × {} samples; expected at least one of both",
             signal.leads, signal.samples_per_lead);
    }
    if (signal.leads > 1024 || signal.samples_per_lead > std::numeric_limits<std::size_t>::max() /
                                                             sizeof(float) / signal.leads) {
        fail(CLEF_ERROR_SIZE, "a signal of {} leads × {} samples is more than memory can hold",
             signal.leads, signal.samples_per_lead);
    }
}

std::vector<std::string> names_of(const clef_signal& signal, const Recipe& recipe) {
    if (signal.lead_names != nullptr) return lead_names(signal.lead_names, signal.leads);
    if (signal.leads != recipe.leads.size()) {
        fail(CLEF_ERROR_SIZE, "a signal of {} leads without names; the model has {}", signal.leads,
             recipe.leads.size());
    }
    return recipe.leads;
}

std::size_t source_window(const OpenModel& model, double rate) {
    const double samples = std::round(model.recipe().window_seconds * rate);
    return samples >= 1 && samples < 1e9 ? static_cast<std::size_t>(samples) : 0;
}

std::size_t window_count(const OpenModel& model, std::size_t samples, double rate) {
    const std::size_t window = source_window(model, rate);
    return window == 0 ? 0 : samples / window;
}

// Window `index` of the signal, as a recording of its own: what is not needed is not copied.
Recording window_of(const clef_signal& signal, const std::vector<std::string>& names,
                    std::size_t index, std::size_t length) {
    Recording recording;
    recording.source = "signal";
    recording.sampling_rate = signal.sampling_rate;
    for (std::size_t lead = 0; lead < signal.leads; ++lead) {
        const float* begin = signal.samples + lead * signal.samples_per_lead + index * length;
        std::vector<float> samples(begin, begin + length);
        for (float& sample : samples) {
            if (!std::isfinite(sample)) sample = std::numeric_limits<float>::quiet_NaN();
        }
        recording.leads.push_back({names[lead], names[lead], "mV", true, std::move(samples)});
    }
    return recording;
}

void check_distinct(const std::vector<std::string>& names) {
    for (std::size_t i = 0; i < names.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            if (same_lead(names[i], names[j])) fail_input("lead {} named twice", names[i]);
        }
    }
}

// Each window of the signal, prepared: visit(index, window).
template <typename Visit>
void for_each_window(const OpenModel& model, const clef_signal& signal,
                     const std::vector<std::string>& names, std::size_t windows, Visit visit) {
    check_distinct(names);
    const std::size_t length = source_window(model, signal.sampling_rate);
    for (std::size_t i = 0; i < windows; ++i) {
        const auto prepared =
            model.preprocessor.windows(window_of(signal, names, i, length), {names});
        visit(i, prepared.front());
    }
}

std::size_t checked_windows(const OpenModel& model, const clef_signal& signal) {
    const std::size_t windows = window_count(model, signal.samples_per_lead, signal.sampling_rate);
    if (windows == 0) {
        fail(CLEF_ERROR_SIZE, "{} samples at {:g} Hz are less than the model's window of {:g} s",
             signal.samples_per_lead, signal.sampling_rate, model.recipe().window_seconds);
    }
    return windows;
}

// For Session::run(): where the named leads stand among the model's; empty where it takes them all.
std::vector<std::size_t> channels_of(const std::vector<std::string>& names, const Recipe& recipe) {
    std::vector<std::size_t> channels;
    if (recipe.fewer_leads == FewerLeads::refused) return channels;
    for (const std::string& name : names) {
        const auto found =
            std::find_if(recipe.leads.begin(), recipe.leads.end(),
                         [&](const std::string& own) { return same_lead(own, name); });
        if (found == recipe.leads.end()) {
            fail_input("lead {} is none of the model's ({})", name, join(recipe.leads, " "));
        }
        channels.push_back(static_cast<std::size_t>(found - recipe.leads.begin()));
    }
    return channels;
}

}  // namespace

}  // namespace clef::c_api

using namespace clef;
using namespace clef::c_api;

extern "C" {

int clef_abi_version(void) {
    return CLEF_ABI_VERSION;
}

const char* clef_version(void) {
    return CLEF_VERSION;
}

const char* clef_last_error(void) {
    return last_error;
}

clef_status clef_model_open(const char* path, clef_model** model) {
    return clef_model_open_as(path, CLEF_PRECISION_FLOAT32, model);
}

clef_status clef_model_open_as(const char* path, int precision, clef_model** model) {
    return guarded([&] {
        require(path, "path");
        require(model, "model");
        if (precision < CLEF_PRECISION_FLOAT32 || precision > CLEF_PRECISION_INT8) {
            fail(CLEF_ERROR_ARGUMENT, "precision {}; expected one of CLEF_PRECISION_…", precision);
        }
        *model = models().add(
            std::make_shared<OpenModel>(read_model(path, {.keep_precision = false, .quiet = true}),
                                        static_cast<Precision>(precision)));
        return CLEF_OK;
    });
}

int clef_model_precision(const clef_model* model) {
    int precision = -1;
    guarded([&] {
        precision = static_cast<int>(models().get(model)->session.precision());
        return CLEF_OK;
    });
    return precision;
}

clef_status clef_model_close(clef_model* model) {
    return guarded([&] {
        models().close(model);
        return CLEF_OK;
    });
}

double clef_model_sampling_rate(const clef_model* model) {
    return number_of(models(), model, [](const OpenModel& m) { return m.recipe().sampling_rate; });
}

double clef_model_window_seconds(const clef_model* model) {
    return number_of(models(), model, [](const OpenModel& m) { return m.recipe().window_seconds; });
}

size_t clef_model_window_samples(const clef_model* model) {
    return number_of(models(), model,
                     [](const OpenModel& m) { return m.recipe().window_samples(); });
}

size_t clef_model_leads(const clef_model* model) {
    return number_of(models(), model, [](const OpenModel& m) { return m.session.input_leads(); });
}

size_t clef_model_embedding_size(const clef_model* model) {
    return number_of(models(), model, [](const OpenModel& m) { return m.session.output_size(); });
}

size_t clef_model_windows(const clef_model* model, size_t samples, double sampling_rate) {
    return number_of(models(), model, [&](const OpenModel& m) {
        check_rate(sampling_rate);
        return window_count(m, samples, sampling_rate);
    });
}

clef_status clef_model_recipe(const clef_model* model, char* text, size_t capacity,
                              size_t* length) {
    return guarded([&] {
        copy_text(recipe_json(models().get(model)->recipe()).dump(), text, capacity, length);
        return CLEF_OK;
    });
}

clef_status clef_model_lead_name(const clef_model* model, size_t lead, char* text, size_t capacity,
                                 size_t* length) {
    return guarded([&] {
        const auto open = models().get(model);
        const auto& leads = open->recipe().leads;
        if (lead >= leads.size()) {
            fail(CLEF_ERROR_ARGUMENT, "lead {} of {}; leads count from 0", lead, leads.size());
        }
        copy_text(leads[lead], text, capacity, length);
        return CLEF_OK;
    });
}

clef_status clef_preprocess(const clef_model* model, const clef_signal* signal, float* windows,
                            size_t capacity, size_t* count) {
    return guarded([&] {
        const auto open = models().get(model);
        require(signal, "signal");
        check_signal(*signal);
        const auto names = names_of(*signal, open->recipe());
        const std::size_t number = checked_windows(*open, *signal);
        const std::size_t size = signal->leads * open->recipe().window_samples();
        check_room(number * size, windows, capacity, count);
        std::vector<float> prepared;
        for_each_window(*open, *signal, names, number, [&](std::size_t, const Window& window) {
            prepared.insert(prepared.end(), window.samples.begin(), window.samples.end());
        });
        std::copy(prepared.begin(), prepared.end(), windows);
        return CLEF_OK;
    });
}

clef_status clef_embed(const clef_model* model, const clef_signal* signal, float* embeddings,
                       size_t capacity, size_t* count) {
    return guarded([&] {
        const auto open = models().get(model);
        require(signal, "signal");
        check_signal(*signal);
        const auto names = names_of(*signal, open->recipe());
        const std::size_t number = checked_windows(*open, *signal);
        check_room(number * open->session.output_size(), embeddings, capacity, count);
        std::vector<float> result;
        for_each_window(*open, *signal, names, number, [&](std::size_t, const Window& window) {
            const auto values = open->session.run(window);
            result.insert(result.end(), values.begin(), values.end());
        });
        std::copy(result.begin(), result.end(), embeddings);
        return CLEF_OK;
    });
}

clef_status clef_embed_window(const clef_model* model, const clef_signal* window, float* embedding,
                              size_t capacity) {
    return guarded([&] {
        const auto open = models().get(model);
        require(window, "window");
        check_signal(*window);
        if (window->sampling_rate != open->recipe().sampling_rate) {
            fail(CLEF_ERROR_ARGUMENT, "a prepared window at {:g} Hz; the model's are at {:g} Hz",
                 window->sampling_rate, open->recipe().sampling_rate);
        }
        const auto names = names_of(*window, open->recipe());
        const std::span samples(window->samples, window->leads * window->samples_per_lead);
        const auto bad = std::find_if(samples.begin(), samples.end(),
                                      [](float sample) { return !std::isfinite(sample); });
        if (bad != samples.end()) {
            fail_input(
                "number {} of the prepared window is {}; clef_preprocess fills what is "
                "missing",
                bad - samples.begin(), *bad);
        }
        if (samples.size() > (std::size_t{1} << 26)) {
            fail(CLEF_ERROR_SIZE, "a window of {} numbers; expected at most 67108864",
                 samples.size());
        }
        check_room(open->session.output_size(), embedding, capacity, nullptr);
        if (window->leads != open->session.input_leads() &&
            open->recipe().fewer_leads == FewerLeads::refused) {
            fail(CLEF_ERROR_SIZE, "a window of {} leads; the model takes {}", window->leads,
                 open->session.input_leads());
        }
        const auto values = open->session.run(samples, channels_of(names, open->recipe()));
        std::copy(values.begin(), values.end(), embedding);
        return CLEF_OK;
    });
}

}  // extern "C"
