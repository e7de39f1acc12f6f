// The embeddings of one ECG file as if it were being recorded, a line of numbers for each window:
//
//   c++ -std=c++11 embed.cpp $(pkg-config --cflags --libs clef) -o embed
//   ./embed clef-small.safetensors recording.edf
#include <clef/clef.h>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

void check(clef_status status) {
    if (status < CLEF_OK) throw std::runtime_error(clef_last_error());
}

struct Close {
    void operator()(clef_model* model) const { clef_model_close(model); }
    void operator()(clef_recording* recording) const { clef_recording_close(recording); }
    void operator()(clef_stream* stream) const { clef_stream_close(stream); }
};

using Model = std::unique_ptr<clef_model, Close>;
using Recording = std::unique_ptr<clef_recording, Close>;
using Stream = std::unique_ptr<clef_stream, Close>;

Model open_model(const char* path) {
    clef_model* model = nullptr;
    check(clef_model_open(path, &model));
    return Model(model);
}

Recording read(const char* path) {
    clef_recording* recording = nullptr;
    check(clef_read(path, nullptr, &recording));
    return Recording(recording);
}

Stream open_stream(const Model& model, double sampling_rate, const std::string& lead) {
    const char* names[] = {lead.c_str()};
    clef_stream_options options = {};
    options.sampling_rate = sampling_rate;
    options.leads = 1;
    options.lead_names = names;
    clef_stream* stream = nullptr;
    check(clef_stream_open(model.get(), &options, &stream));
    return Stream(stream);
}

void print_windows(const Stream& stream, std::vector<float>& embedding) {
    clef_stream_window window;
    for (;;) {
        const clef_status status =
            clef_stream_next(stream.get(), &window, embedding.data(), embedding.size());
        check(status);
        if (status == CLEF_NOTHING_YET) return;
        if (!window.embedded) {
            std::fprintf(stderr, "%g s: %s\n", window.start_seconds, window.reason);
            continue;
        }
        for (std::size_t i = 0; i < embedding.size(); ++i) {
            std::printf("%.9g%c", static_cast<double>(embedding[i]),
                        i + 1 == embedding.size() ? '\n' : ' ');
        }
    }
}

// A second at a time, as a device would send it.
void stream_lead(const Model& model, const Recording& recording) {
    char name[32];
    check(clef_recording_lead_name(recording.get(), 0, name, sizeof name, nullptr));
    const double rate = clef_recording_sampling_rate(recording.get());
    const Stream stream = open_stream(model, rate, name);
    std::vector<float> embedding(clef_model_embedding_size(model.get()));
    std::vector<float> second(static_cast<std::size_t>(rate) + 1);
    const std::size_t samples = clef_recording_samples(recording.get());
    for (std::size_t from = 0; from < samples;) {
        const std::size_t count = second.size() < samples - from ? second.size() : samples - from;
        check(clef_recording_samples_of(recording.get(), 0, from, count, second.data()));
        std::size_t taken = 0;
        check(clef_stream_push(stream.get(), second.data(), count, &taken));
        print_windows(stream, embedding);
        from += taken;
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        std::fprintf(stderr, "usage: embed MODEL RECORDING\n");
        return 2;
    }
    try {
        const Model model = open_model(argv[1]);
        const Recording recording = read(argv[2]);
        stream_lead(model, recording);
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}
