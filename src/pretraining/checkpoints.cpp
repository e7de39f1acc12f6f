#include "pretraining/checkpoints.hpp"

#include <algorithm>
#include <charconv>

#include "base/error.hpp"
#include "base/progress.hpp"
#include "encoder/safetensors.hpp"
#include "pretraining/checksum.hpp"

namespace clef {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view prefix = "step-";
constexpr std::string_view ending = ".safetensors";

// −1: not a checkpoint's name.
std::int64_t step_of(const fs::path& file) {
    const std::string name = file.filename().string();
    if (!name.starts_with(prefix) || !name.ends_with(ending)) return -1;
    std::int64_t step = -1;
    const char* end = name.data() + name.size() - ending.size();
    const auto [at, error] = std::from_chars(name.data() + prefix.size(), end, step);
    return error == std::errc() && at == end ? step : -1;
}

Checkpoint read(const fs::path& path) {
    SafetensorsFile file = read_safetensors(path);
    const auto state = file.metadata.find("clef.state");
    const auto checksum = file.metadata.find("clef.checksum");
    if (state == file.metadata.end() || checksum == file.metadata.end()) {
        fail_input("{}: no checkpoint of a run (clef.state or clef.checksum is absent)",
                   path.string());
    }
    const std::string found = content_checksum(state->second, file.tensors);
    if (found != checksum->second) {
        fail_input("{}: damaged: its checksum is {}, expected {}", path.string(), found,
                   checksum->second);
    }
    Checkpoint checkpoint;
    try {
        checkpoint.state = nlohmann::json::parse(state->second);
        checkpoint.step = checkpoint.state.at("step").get<std::int64_t>();
    } catch (const nlohmann::json::exception& error) {
        fail_input("{}: clef.state: {}", path.string(), error.what());
    }
    checkpoint.tensors = std::move(file.tensors);
    return checkpoint;
}

}  // namespace

Checkpoints::Checkpoints(fs::path folder, int keep) : folder_(std::move(folder)), keep_(keep) {}

std::vector<fs::path> Checkpoints::files() const {
    std::vector<fs::path> found;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder_, error)) {
        if (step_of(entry.path()) >= 0) found.push_back(entry.path());
    }
    std::sort(found.begin(), found.end(),
              [](const fs::path& a, const fs::path& b) { return step_of(a) > step_of(b); });
    return found;
}

void Checkpoints::save(const Checkpoint& checkpoint) const {
    nlohmann::json state = checkpoint.state;
    state["step"] = checkpoint.step;
    const std::string text = state.dump();
    write_safetensors(
        {{"clef.state", text}, {"clef.checksum", content_checksum(text, checkpoint.tensors)}},
        checkpoint.tensors, folder_ / fmt::format("{}{:09}{}", prefix, checkpoint.step, ending));
    const auto all = files();
    for (std::size_t i = static_cast<std::size_t>(keep_); i < all.size(); ++i) {
        std::error_code ignored;  // one too many does no harm
        fs::remove(all[i], ignored);
    }
}

Checkpoint Checkpoints::newest() const {
    const auto all = files();
    for (const fs::path& file : all) {
        try {
            return read(file);
        } catch (const InputError& error) {
            warn(fmt::format("skipped a checkpoint: {}", error.what()));
        }
    }
    if (all.empty()) fail_input("{}: holds no checkpoint to go on from", folder_.string());
    fail_input("{}: none of its {} checkpoints is whole (see the warnings); begin a new run",
               folder_.string(), all.size());
}

bool has_checkpoint(const fs::path& run) {
    return !Checkpoints(run / "checkpoint", 1).files().empty();
}

}  // namespace clef
