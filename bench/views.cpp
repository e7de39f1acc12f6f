// Views made per second on one thread, for bench/views.py: from WFDB files (every recording read
// and filtered for every pair of views) and from a prepared cache.
//
// usage: bench_views COHORT.csv CACHE/; answers each line "files N" or "cache N" on standard input
// with the milliseconds that N pairs of views took.
#include "pretraining/views.hpp"

#include <fmt/format.h>
#include <iostream>

#include "base/progress.hpp"
#include "cohort/cohort.hpp"
#include "encoder/model.hpp"
#include "paired.hpp"
#include "pretraining/window_store.hpp"

int main(int argc, char** argv) {
    if (argc != 3) return 2;
    clef::set_quiet(true);
    const clef::Recipe recipe = clef::random_model("clef-small", 1, 1).recipe;
    const clef::Cohort cohort = clef::read_cohort(argv[1]);
    clef::CacheRequest request;
    request.folder = argv[2];
    clef::write_window_cache(cohort, recipe, request);
    clef::WindowStoreOptions options;
    options.memory_bytes = 0;
    const clef::WindowStore files(cohort, recipe, options);
    options.cache = argv[2];
    const clef::WindowStore cache(cohort, recipe, options);
    clef::ViewOptions
        view_options;  // the paper's: noise four times in five, a mask one time in five
    view_options.augmentation.noise_probability = 0.8;
    view_options.augmentation.mask_probability = 0.2;
    const clef::ViewMaker views(view_options, files.preprocessor());
    std::vector<float> first(views.samples());
    std::vector<float> second(views.samples());
    std::string source;
    for (std::size_t pairs = 0; std::cin >> source >> pairs;) {
        const clef::WindowStore& store = source == "cache" ? cache : files;
        const double milliseconds = clef::bench::milliseconds([&] {
            for (std::size_t i = 0; i < pairs; ++i) {
                clef::ViewRandom random(1, 0, i);
                const auto window = store.window(i % store.window_count());
                views.make(*window, *window, random, first.data(), second.data());
            }
        });
        fmt::print("{}\n", milliseconds);
        std::cout.flush();
        std::fflush(stdout);
    }
    return 0;
}
