// Runs a session when told to, for bench/onnx.py to time in turn with ONNX Runtime.
//
//   bench_session write ARCHITECTURE FILE     a model file of random weights
//   bench_session run MODEL PRECISION WINDOWS.npy
//
// `run` answers each line on standard input, a number of windows, with the milliseconds that one
// thread needed for so many (the file's, one behind the other, again and again), and the line
// "write FILE" by writing the embeddings of the file's windows there.
#include "runtime/session.hpp"

#include <fmt/format.h>
#include <iostream>
#include <string>

#include "formats/npy.hpp"
#include "paired.hpp"

namespace {

int write(const std::string& architecture, const std::string& path) {
    clef::write_model(clef::random_model(architecture, 1, 1), path);
    return 0;
}

int run(const std::string& path, const std::string& precision, const std::string& windows_path) {
    clef::Model model = clef::read_model(path, {.quiet = true});
    const std::size_t samples = model.recipe.window_samples();
    const clef::Session session(std::move(model), {clef::parse_precision(precision)});
    const clef::NpyArray file = clef::read_npy(windows_path);
    const std::size_t count = file.values.size() / samples;
    const auto window = [&](std::size_t i) {
        return std::span(file.values).subspan(i % count * samples, samples);
    };
    std::vector<float> output(count * session.output_size());
    const auto embed = [&](std::size_t i) {
        session.run(
            window(i), {},
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
    if (what == "write" && argc == 4) return write(argv[2], argv[3]);
    if (what == "run" && argc == 5) return run(argv[2], argv[3], argv[4]);
    fmt::print(stderr,
               "usage: bench_session write ARCHITECTURE FILE | run MODEL PRECISION WINDOWS\n");
    return 2;
}
