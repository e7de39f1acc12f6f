// The C API's recordings: ECG files as leads.
#include <algorithm>

#include "base/progress.hpp"
#include "base/text.hpp"
#include "formats/ecg_file.hpp"
#include "runtime/c_api.hpp"

namespace clef::c_api {

namespace {

Handles<clef_recording, const Recording>& recordings() {
    static auto* table = new Handles<clef_recording, const Recording>("recording");
    return *table;
}

ReadOptions reading(const clef_read_options* options) {
    ReadOptions result;
    if (options == nullptr) return result;
    if (options->sampling_rate != 0) {
        check_rate(options->sampling_rate);
        result.sampling_rate = options->sampling_rate;
    }
    if (options->units != nullptr) result.units = options->units;
    const auto list = [](const char* text) {
        std::vector<std::string> names;
        if (text == nullptr) return names;
        for (const std::string_view name : split(text, ',')) names.emplace_back(trim(name));
        return names;
    };
    result.lead_names = list(options->lead_names);
    result.leads = list(options->leads);
    return result;
}

const Lead& lead_of(const Recording& recording, std::size_t lead) {
    if (lead >= recording.leads.size()) {
        fail(CLEF_ERROR_ARGUMENT, "lead {} of {}; leads count from 0", lead,
             recording.leads.size());
    }
    return recording.leads[lead];
}

}  // namespace

}  // namespace clef::c_api

using namespace clef;
using namespace clef::c_api;

extern "C" {

clef_status clef_read(const char* path, const clef_read_options* options,
                      clef_recording** recording) {
    return guarded([&] {
        require(path, "path");
        require(recording, "recording");
        set_quiet(true);
        *recording =
            recordings().add(std::make_shared<const Recording>(read_ecg(path, reading(options))));
        return CLEF_OK;
    });
}

clef_status clef_recording_close(clef_recording* recording) {
    return guarded([&] {
        recordings().close(recording);
        return CLEF_OK;
    });
}

size_t clef_recording_leads(const clef_recording* recording) {
    return number_of(recordings(), recording, [](const Recording& r) { return r.leads.size(); });
}

size_t clef_recording_samples(const clef_recording* recording) {
    return number_of(recordings(), recording, [](const Recording& r) { return r.samples(); });
}

double clef_recording_sampling_rate(const clef_recording* recording) {
    return number_of(recordings(), recording, [](const Recording& r) { return r.sampling_rate; });
}

int clef_recording_in_millivolts(const clef_recording* recording, size_t lead) {
    return number_of(recordings(), recording,
                     [&](const Recording& r) { return lead_of(r, lead).in_millivolts ? 1 : 0; });
}

clef_status clef_recording_lead_name(const clef_recording* recording, size_t lead, char* text,
                                     size_t capacity, size_t* length) {
    return guarded([&] {
        copy_text(lead_of(*recordings().get(recording), lead).name, text, capacity, length);
        return CLEF_OK;
    });
}

clef_status clef_recording_samples_of(const clef_recording* recording, size_t lead, size_t from,
                                      size_t count, float* samples) {
    return guarded([&] {
        const auto open = recordings().get(recording);
        const auto& all = lead_of(*open, lead).samples;
        if (from > all.size() || count > all.size() - from) {
            fail(CLEF_ERROR_SIZE, "{} samples from {} on; the lead has {}", count, from,
                 all.size());
        }
        if (count == 0) return CLEF_OK;
        require(samples, "samples");
        std::copy_n(all.begin() + static_cast<std::ptrdiff_t>(from), count, samples);
        return CLEF_OK;
    });
}

}  // extern "C"
