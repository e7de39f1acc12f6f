#include "pretraining/noise_files.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "base/error.hpp"
#include "base/text.hpp"
#include "formats/ecg_file.hpp"
#include "formats/matlab_file.hpp"
#include "signal/normalise.hpp"
#include "signal/resample.hpp"

namespace clef {

namespace {

bool holds(const std::string& name, std::string_view part) {
    return lower(name).find(part) != std::string::npos;
}

bool names_a_kind(const MatlabVariable& variable) {
    const auto& parts = {"motion", "electrode", "baseline", "wander", "muscle", "mixture"};
    return variable.is_matrix && std::any_of(parts.begin(), parts.end(), [&](const char* part) {
               return holds(variable.name, part);
           });
}

// Gaps filled, at the wanted rate.
std::vector<float> prepared(std::vector<float> channel, double file_rate, const std::string& what,
                            const NoiseFileOptions& options) {
    const double seconds = static_cast<double>(channel.size()) / file_rate;
    if (seconds + 1e-9 < options.shortest_seconds) {
        fail_input("{}: {:.4g} s of noise; a view takes {:g} s", what, seconds,
                   options.shortest_seconds);
    }
    if (!interpolate_missing(channel)) fail_input("{}: no sample is a number", what);
    const auto wanted = static_cast<std::size_t>(std::llround(seconds * options.rate));
    return wanted == channel.size() ? channel : fourier_resample(channel, wanted);
}

class MatlabNoise {
  public:
    MatlabNoise(const std::filesystem::path& path, const NoiseFileOptions& options)
        : path_(path), options_(options) {
        if (options.file_rate <= 0) {
            fail_input(
                "{}: a MATLAB file does not say its sampling rate; give views.noise_rate in Hz "
                "(DATA_noises_real.mat: 1000; the noise stress test database: 360)",
                path.string());
        }
    }

    std::vector<NoiseKind> read() const {
        const std::vector<MatlabVariable> variables = list_matlab_variables(path_);
        std::vector<NoiseKind> kinds;
        for (const MatlabVariable& variable : variables) {
            if (names_a_kind(variable)) kinds.push_back(channel_rows(variable));
        }
        if (!kinds.empty()) return kinds;
        std::vector<MatlabVariable> matrices;
        for (const MatlabVariable& variable : variables) {
            if (variable.is_matrix && variable.columns == 3 && variable.rows > 3) {
                matrices.push_back(variable);
            }
        }
        if (matrices.size() != 1) {
            fail_input(
                "{}: neither matrices named motion…, electrode…, baseline… or mixture… (channels × "
                "samples) nor one matrix of samples × 3 (index, two channels)",
                path_.string());
        }
        return {index_and_channels(matrices[0])};
    }

  private:
    std::string what(const MatlabVariable& variable, std::uint64_t channel) const {
        return fmt::format("{}: {}, channel {}", path_.string(), variable.name, channel + 1);
    }

    std::vector<float> channel(const MatlabVariable& variable, bool is_row,
                               std::uint64_t index) const {
        const std::uint64_t there = is_row ? variable.columns : variable.rows;
        const auto most =
            static_cast<std::uint64_t>(std::llround(options_.longest_seconds * options_.file_rate));
        std::vector<float> values;
        read_matlab_part(path_, variable.name, {is_row, index, 0, std::min(there, most)},
                         [&values](std::span<const double> piece) {
                             values.insert(values.end(), piece.begin(), piece.end());
                         });
        return values;
    }

    NoiseKind channel_rows(const MatlabVariable& variable) const {
        NoiseKind kind{variable.name, {}, holds(variable.name, "mixture")};
        const bool rows = variable.rows <= variable.columns;
        const std::uint64_t channels = rows ? variable.rows : variable.columns;
        if (channels > 64) {
            fail_input("{}: {} has {} × {} numbers; expected at most 64 channels", path_.string(),
                       variable.name, variable.rows, variable.columns);
        }
        for (std::uint64_t i = 0; i < channels; ++i) {
            kind.channels.push_back(prepared(channel(variable, rows, i), options_.file_rate,
                                             what(variable, i), options_));
        }
        return kind;
    }

    NoiseKind index_and_channels(const MatlabVariable& variable) const {
        const std::vector<float> index = channel(variable, false, 0);
        for (std::size_t i = 1; i < index.size(); ++i) {
            if (index[i] != index[i - 1] + 1) {
                fail_input("{}: {}: row {}: the first column should count samples", path_.string(),
                           variable.name, i + 1);
            }
        }
        NoiseKind kind{path_.stem().string(), {}, holds(path_.stem().string(), "mixture")};
        for (std::uint64_t i = 1; i < 3; ++i) {
            kind.channels.push_back(prepared(channel(variable, false, i), options_.file_rate,
                                             what(variable, i), options_));
        }
        return kind;
    }

    std::filesystem::path path_;
    NoiseFileOptions options_;
};

NoiseKind recording_noise(const std::filesystem::path& path, const NoiseFileOptions& options) {
    const RecordingInfo info = read_ecg_info(path);
    ReadOptions read;
    read.to =
        static_cast<std::uint64_t>(std::llround(options.longest_seconds * info.sampling_rate));
    const Recording recording = read_ecg(path, read);
    const std::string stem = path.stem().string();
    NoiseKind kind{stem, {}, holds(stem, "mixture")};
    for (const Lead& lead : recording.leads) {
        kind.channels.push_back(prepared(lead.samples, recording.sampling_rate,
                                         fmt::format("{}: {}", path.string(), lead.name), options));
    }
    return kind;
}

bool is_bare_matlab(const std::filesystem::path& path) {
    std::filesystem::path header = path;
    header.replace_extension(".hea");
    return lower(path.extension().string()) == ".mat" && !std::filesystem::exists(header);
}

}  // namespace

NoiseBank read_noise(const std::vector<std::string>& files, const NoiseFileOptions& options) {
    NoiseBank bank;
    for (const std::string& file : files) {
        if (!is_bare_matlab(file)) {
            bank.kinds.push_back(recording_noise(file, options));
            continue;
        }
        for (NoiseKind& kind : MatlabNoise(file, options).read()) {
            bank.kinds.push_back(std::move(kind));
        }
    }
    return bank;
}

}  // namespace clef
