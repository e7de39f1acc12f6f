#include "evaluation/window_set.hpp"

#include "base/error.hpp"
#include "base/progress.hpp"
#include "base/threads.hpp"

namespace clef {
namespace {

// The windows of each recording, in order, those that stay.
void for_each_recording(const Cohort& cohort, const Preprocessor& preprocessor,
                        EmbedOptions options, std::size_t most_windows, const char* title,
                        const std::function<void(const std::vector<Window>&)>& take) {
    options.skip_bad = false;
    Progress progress(title, cohort.rows.size(), "recordings");
    prepare_recordings(cohort, preprocessor, options, [&](PreparedRecording prepared) {
        std::vector<Window> kept;
        for (const std::size_t w : spread_windows(prepared.windows.size(), most_windows)) {
            kept.push_back(std::move(prepared.windows[w]));
        }
        take(kept);
        progress.add();
    });
}

}  // namespace

std::vector<std::size_t> spread_windows(std::size_t count, std::size_t most) {
    const std::size_t kept = most == 0 ? count : std::min(count, most);
    std::vector<std::size_t> result;
    for (std::size_t k = 0; k < kept; ++k) result.push_back((2 * k + 1) * count / (2 * kept));
    return result;
}

WindowSet collect_windows(const Cohort& cohort, const Preprocessor& preprocessor,
                          const EmbedOptions& options, std::size_t most_windows) {
    WindowSet set;
    set.samples = preprocessor.recipe().window_samples();
    const auto add = [&set](const Window& window) {
        if (set.values.empty()) {
            set.leads = window.samples.size() / set.samples;
            set.channels = window.channels;
        }
        if (window.channels != set.channels) {
            fail_input("windows of different leads; give --lead for those that all have");
        }
        if (!window.observed.empty()) {
            set.observed.resize(set.values.size(), 1);
            set.observed.insert(set.observed.end(), window.observed.begin(), window.observed.end());
        }
        set.values.insert(set.values.end(), window.samples.begin(), window.samples.end());
        if (!set.observed.empty()) set.observed.resize(set.values.size(), 1);
    };
    for_each_recording(cohort, preprocessor, options, most_windows, "preparing windows",
                       [&](const std::vector<Window>& windows) {
                           for (const Window& window : windows) add(window);
                           set.first.push_back(set.first.back() + windows.size());
                       });
    return set;
}

TimeSteps collect_time_steps(const Cohort& cohort, const Session& session,
                             const Preprocessor& preprocessor, const EmbedOptions& options,
                             std::size_t most_windows) {
    TimeSteps steps;
    steps.dimensions = session.step_size();
    for_each_recording(cohort, preprocessor, options, most_windows, "time steps",
                       [&](const std::vector<Window>& windows) {
                           for (const Window& window : windows) {
                               const auto values = session.run_time_steps(window);
                               steps.values.insert(steps.values.end(), values.begin(),
                                                   values.end());
                           }
                           steps.first.push_back(steps.values.size() / steps.dimensions);
                       });
    return steps;
}

}  // namespace clef
