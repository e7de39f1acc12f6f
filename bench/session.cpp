// Runs a session when told to, for bench/onnx.py and bench/foundation.py to time in turn with
// others.
//
//   bench_session write ARCHITECTURE FILE [LEADS]     a model file of random weights, for 1 lead
//   bench_session run MODEL PRECISION WINDOWS.npy [LEADS]   windows of the first so many leads; 0:
//                                                           of all that the encoder has
//
// `run` answers each line on standard input, a number of windows, with the milliseconds that one
// thread needed for so many (the file's, one behind the other, again and again), and the line
// "write FILE" by writing the embeddings of the file's windows there.
#include "runtime/session.hpp"

#include <fmt/format.h>
#include <iostream>
#include <numeric>
#include <string>

#include "formats/npy.hpp"
#include "paired.hpp"

namespace {

int write(const std::string& architecture, const std::string& path, int leads) {
    clef::write_model(clef::random_model(architecture, leads, 1), path);
    return 0;
}

int run(const std::string& path, const std::string& precision, const std::string& windows_path,
        std::size_t leads) {
    clef::Model model = clef::read_model(path, {.quiet = true});
    std::vector<std::size_t> channels(leads);
    std::iota(channels.begin(), channels.end(), 0);
    const std::size_t rows = leads == 0 ? model.recipe.leads.size() : leads;
    const std::size_t samples = rows * model.recipe.window_samples();
    const clef::Session session(std::move(model), {clef::parse_precision(precision)});
    const clef::NpyArray file = clef::read_npy(windows_path);
    const std::size_t count = file.values.size() / samples;
    const auto window = [&](std::size_t i) {
        return std::span(file.values).subspan(i % count * samples, samples);
    };
    std::vector<float> output(count * session.output_size());
    const auto embed = [&](std::size_t i) {
        session.run(
            window(i), channels,
            std::span(output).subspan(i % count * session.output_size(), session.output_size()));
    };
    for (std::string word; std::cin >> word;) {
        if (word == "write") {
            std::cin >> word;
            for (std::size_t i = 0; i < count; ++i) embed(i);
            clef::write_npy(word, output, {count, session.output_size()});
            fmt::print("written\n");
        } else {
            const std::size_t batch = std::stoul(word);
            fmt::print("{:.4f}\n", clef::bench::milliseconds([&] {
                           for (std::size_t i = 0; i < batch; ++i) embed(i);
                       }));
        }
        std::fflush(stdout);
    }
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    const std::string what = argc > 1 ? argv[1] : "";
    if (what == "write" && (argc == 4 || argc == 5)) {
        return write(argv[2], argv[3], argc == 5 ? std::stoi(argv[4]) : 1);
    }
    if (what == "run" && (argc == 5 || argc == 6)) {
        return run(argv[2], argv[3], argv[4], argc == 6 ? std::stoul(argv[5]) : 0);
    }
    fmt::print(stderr,
               "usage: bench_session write ARCHITECTURE FILE [LEADS] | run MODEL PRECISION WINDOWS "
               "[LEADS]\n");
    return 2;
}
