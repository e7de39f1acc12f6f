// Recorded noise in each of the layouts that noise_files.hpp names.
#include "pretraining/noise_files.hpp"

#include <cmath>
#include <fstream>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "formats/wfdb_writer.hpp"
#include "shared.hpp"

namespace clef {
namespace {

void append(std::string& bytes, const void* data, std::size_t size) {
    bytes.append(static_cast<const char*>(data), size);
}

void append_element(std::string& bytes, std::uint32_t type, const std::string& data) {
    const auto size = static_cast<std::uint32_t>(data.size());
    append(bytes, &type, 4);
    append(bytes, &size, 4);
    bytes += data;
    bytes.resize((bytes.size() + 7) / 8 * 8);
}

// A MATLAB level 5 matrix of doubles, values column by column.
std::string matrix_element(const std::string& name, std::int32_t rows, std::int32_t columns,
                           const std::vector<double>& values) {
    std::string inside;
    const std::uint32_t flags[2] = {6, 0};  // mxDOUBLE_CLASS
    append_element(inside, 6, {reinterpret_cast<const char*>(flags), 8});
    const std::int32_t sizes[2] = {rows, columns};
    append_element(inside, 5, {reinterpret_cast<const char*>(sizes), 8});
    append_element(inside, 1, name);
    append_element(inside, 9, {reinterpret_cast<const char*>(values.data()), 8 * values.size()});
    std::string element;
    append_element(element, 14, inside);
    return element;
}

void write_matlab(const std::filesystem::path& path, const std::vector<std::string>& elements) {
    std::string bytes = "MATLAB 5.0 MAT-file";
    bytes.resize(124, ' ');
    const std::uint16_t version[2] = {0x0100, 0x4D49};
    append(bytes, version, 4);
    for (const std::string& element : elements) bytes += element;
    std::ofstream(path, std::ios::binary) << bytes;
}

// channels × samples, column by column: channel c is a sine of c + 1 Hz.
std::vector<double> sines(int channels, int samples, double rate) {
    std::vector<double> values;
    for (int i = 0; i < samples; ++i) {
        for (int c = 0; c < channels; ++c)
            values.push_back(std::sin(2 * M_PI * (c + 1) * i / rate));
    }
    return values;
}

std::string message_of(const std::string& file, const NoiseFileOptions& options) {
    try {
        read_noise({file}, options);
    } catch (const InputError& error) {
        return error.what();
    }
    return "no error";
}

TEST(NoiseFiles, TheSimulatorsMatricesAreKindsOfFifteenChannels) {
    const testing::TemporaryFolder folder;
    const auto path = folder.path() / "DATA_noises_real.mat";
    const auto values = sines(15, 2000, 1000);
    write_matlab(path, {matrix_element("motion_artefacts", 15, 2000, values),
                        matrix_element("electrode_movement", 15, 2000, values),
                        matrix_element("baseline_wander", 15, 2000, values),
                        matrix_element("mixture_of_noises", 15, 2000, values),
                        matrix_element("something_else", 2, 2, {1, 2, 3, 4})});
    const NoiseBank bank = read_noise({path.string()}, {1000, 500, 2});
    ASSERT_EQ(bank.kinds.size(), 4U);
    EXPECT_EQ(bank.kinds[1].name, "electrode_movement");
    EXPECT_TRUE(bank.kinds[3].is_mixture);
    EXPECT_FALSE(bank.kinds[0].is_mixture);
    ASSERT_EQ(bank.kinds[2].channels.size(), 15U);
    // Whole periods, so that half the rate is every second sample.
    ASSERT_EQ(bank.kinds[2].channels[4].size(), 1000U);
    for (std::size_t i = 0; i < 1000; i += 37) {
        EXPECT_NEAR(bank.kinds[2].channels[4][i],
                    std::sin(2 * M_PI * 5 * static_cast<double>(i) / 500), 1e-5);
    }
}

TEST(NoiseFiles, OfLongRecordingsOnlyTheBeginningIsKept) {
    const testing::TemporaryFolder folder;
    const auto path = folder.path() / "noise.mat";
    write_matlab(path, {matrix_element("motion", 1, 3000, sines(1, 3000, 500))});
    NoiseFileOptions options{500, 500, 2};
    options.longest_seconds = 3;
    EXPECT_EQ(read_noise({path.string()}, options).kinds[0].channels[0].size(), 1500U);
}

TEST(NoiseFiles, RealRecordingsOfTheStressTestDatabaseRead) {
    CLEF_REQUIRE_SHARED("data/noise/BW.mat");
    std::vector<std::string> files;
    for (const char* name : {"BW", "EM", "MA"}) {
        files.push_back((testing::shared_folder() / "data/noise" / name).string() + ".mat");
    }
    const NoiseBank bank = read_noise(files, {360, 500, 10});
    ASSERT_EQ(bank.kinds.size(), 3U);
    for (const NoiseKind& kind : bank.kinds) {
        ASSERT_EQ(kind.channels.size(), 2U) << kind.name;
        EXPECT_NEAR(static_cast<double>(kind.channels[0].size()), 15000, 2);
        double squares = 0;
        for (const float value : kind.channels[1]) squares += double{value} * value;
        EXPECT_GT(squares, 0);
    }
    // Wander is slow, muscle is fast: the mean step against the deviation.
    const auto roughness = [&](std::size_t kind) {
        const auto& x = bank.kinds[kind].channels[0];
        double steps = 0, squares = 0, mean = 0;
        for (const float value : x) mean += value / static_cast<double>(x.size());
        for (std::size_t i = 1; i < x.size(); ++i) {
            steps += std::pow(x[i] - x[i - 1], 2);
            squares += std::pow(x[i] - mean, 2);
        }
        return steps / squares;
    };
    EXPECT_LT(10 * roughness(0), roughness(2));
}

TEST(NoiseFiles, AnyRecordingIsAKindWithItsLeadsAsChannels) {
    const testing::TemporaryFolder folder;
    Recording recording;
    recording.sampling_rate = 500;
    for (const char* name : {"noise1", "noise2"}) {
        std::vector<float> samples;
        for (int i = 0; i < 1000; ++i) samples.push_back(static_cast<float>(i % 7) / 7);
        samples[3] = NAN;
        recording.leads.push_back({name, name, "mV", true, samples});
    }
    write_wfdb(folder.path() / "em", recording);
    const NoiseBank bank = read_noise({(folder.path() / "em").string()}, {0, 500, 2});
    ASSERT_EQ(bank.kinds.size(), 1U);
    EXPECT_EQ(bank.kinds[0].name, "em");
    ASSERT_EQ(bank.kinds[0].channels.size(), 2U);
    EXPECT_FALSE(std::isnan(bank.kinds[0].channels[1][3]));
}

TEST(NoiseFiles, MistakesAreNamed) {
    const testing::TemporaryFolder folder;
    const std::string path = (folder.path() / "noise.mat").string();
    write_matlab(path, {matrix_element("motion", 1, 500, sines(1, 500, 500))});
    EXPECT_NE(message_of(path, {0, 500, 1}).find("views.noise_rate"), std::string::npos);
    EXPECT_NE(message_of(path, {500, 500, 10}).find("1 s of noise; a view takes 10 s"),
              std::string::npos);
    write_matlab(path, {matrix_element("x", 2, 2, {1, 2, 3, 4})});
    EXPECT_NE(message_of(path, {500, 500, 1}).find("noise.mat: neither"), std::string::npos);
    write_matlab(path, {matrix_element("x", 4, 3, {0, 1, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0})});
    EXPECT_NE(message_of(path, {4, 500, 1}).find("row 3"), std::string::npos);
    EXPECT_NE(message_of(folder.path() / "absent.mat", {500, 500, 1}).find("absent.mat"),
              std::string::npos);
}

}  // namespace
}  // namespace clef
