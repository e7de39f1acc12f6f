// The C API: the library's own numbers, and callers who get everything wrong.
#include <array>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <gtest/gtest.h>
#include <limits>
#include <sstream>
#include <thread>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/file.hpp"
#include "clef/clef.h"
#include "encoder/preprocess.hpp"
#include "formats/ecg_file.hpp"
#include "formats/wfdb_writer.hpp"
#include "procedural.hpp"
#include "runtime/session.hpp"
#include "shared.hpp"

namespace clef {

namespace {

constexpr float nan_sample = std::numeric_limits<float>::quiet_NaN();

class CApi : public ::testing::Test {
  protected:
    void SetUp() override {
        write_model(testing::procedural_model("clef-small"), path());
        ASSERT_EQ(clef_model_open(path().c_str(), &model_), CLEF_OK) << clef_last_error();
    }
    void TearDown() override { clef_model_close(model_); }

    std::string path() const { return (folder_.path() / "model.safetensors").string(); }
    std::string record() const { return (folder_.path() / "record").string(); }
    clef_signal signal() const { return {samples_.data(), 1, samples_.size(), 130, nullptr}; }
    void make_record() const {
        Recording recording{"", 500, {}, {}};
        for (const std::string lead : {"I", "II"}) {
            recording.leads.push_back(
                {lead, lead, "mV", true, testing::procedural_input(lead, 10'000)});
        }
        write_wfdb(record(), recording);
    }

    std::vector<float> expected() const {
        const Preprocessor preprocessor{clef_recipe()};
        const Session session(testing::procedural_model("clef-small"));
        std::vector<float> result;
        for (const Window& window :
             preprocessor.windows({"r", 130, {{"I", "I", "mV", true, samples_}}, {}})) {
            const auto values = session.run(window.samples);
            result.insert(result.end(), values.begin(), values.end());
        }
        return result;
    }

    testing::TemporaryFolder folder_;
    std::vector<float> samples_ = testing::procedural_input("c api", 2700);  // two windows
    clef_model* model_ = nullptr;
};

TEST_F(CApi, TellsWhatTheModelIs) {
    EXPECT_EQ(clef_abi_version(), CLEF_ABI_VERSION);
    EXPECT_STREQ(clef_version(), CLEF_VERSION);
    EXPECT_EQ(clef_model_sampling_rate(model_), 500);
    EXPECT_EQ(clef_model_window_seconds(model_), 10);
    EXPECT_EQ(clef_model_window_samples(model_), 5000U);
    EXPECT_EQ(clef_model_leads(model_), 1U);
    EXPECT_EQ(clef_model_embedding_size(model_), 256U);
    EXPECT_EQ(clef_model_windows(model_, 2700, 130), 2U);
    std::size_t length = 0;
    EXPECT_EQ(clef_model_recipe(model_, nullptr, 0, &length), CLEF_ERROR_SIZE);
    std::string text(length + 1, 'x');
    EXPECT_EQ(clef_model_recipe(model_, text.data(), length, nullptr), CLEF_ERROR_SIZE);
    ASSERT_EQ(clef_model_recipe(model_, text.data(), text.size(), nullptr), CLEF_OK);
    EXPECT_STREQ(clef_last_error(), "");
    EXPECT_EQ(nlohmann::json::parse(text.c_str()), recipe_json(clef_recipe()));
    char name[4];
    ASSERT_EQ(clef_model_lead_name(model_, 0, name, sizeof name, nullptr), CLEF_OK);
    EXPECT_STREQ(name, "I");
    EXPECT_EQ(clef_model_lead_name(model_, 1, name, sizeof name, nullptr), CLEF_ERROR_ARGUMENT);
}

TEST_F(CApi, EmbedsWithTheSessionsBits) {
    const auto given = signal();
    std::vector<float> found(512);
    std::size_t count = 0;
    ASSERT_EQ(clef_embed(model_, &given, found.data(), found.size(), &count), CLEF_OK)
        << clef_last_error();
    EXPECT_EQ(count, 512U);
    EXPECT_EQ(found, expected());

    std::vector<float> windows(10'000);
    ASSERT_EQ(clef_preprocess(model_, &given, windows.data(), windows.size(), &count), CLEF_OK);
    EXPECT_EQ(count, 10'000U);
    std::vector<float> alone(256);
    const clef_signal second{windows.data() + 5000, 1, 5000, 500, nullptr};
    ASSERT_EQ(clef_embed_window(model_, &second, alone.data(), alone.size()), CLEF_OK);
    EXPECT_EQ(alone, std::vector<float>(found.begin() + 256, found.end()));
}

TEST_F(CApi, OpensAModelInTheAskedPrecision) {
    EXPECT_EQ(clef_model_precision(model_), CLEF_PRECISION_FLOAT32);
    EXPECT_EQ(clef_model_precision(nullptr), -1);
    const auto given = signal();
    const auto exact = expected();
    for (const int precision : {CLEF_PRECISION_BFLOAT16, CLEF_PRECISION_INT8}) {
        clef_model* model = nullptr;
        ASSERT_EQ(clef_model_open_as(path().c_str(), precision, &model), CLEF_OK)
            << clef_last_error();
        EXPECT_EQ(clef_model_precision(model), precision);
        std::vector<float> found(512);
        ASSERT_EQ(clef_embed(model, &given, found.data(), found.size(), nullptr), CLEF_OK);
        double dot = 0;
        double squares = 0;
        double others = 0;
        for (std::size_t i = 0; i < 512; ++i) {
            dot += double{found[i]} * exact[i];
            squares += double{exact[i]} * exact[i];
            others += double{found[i]} * found[i];
        }
        EXPECT_NE(found, exact);
        EXPECT_GT(dot / std::sqrt(squares * others), 0.995);
        EXPECT_EQ(clef_model_close(model), CLEF_OK);
    }
    for (const int precision : {-1, 3}) {
        clef_model* model = nullptr;
        EXPECT_EQ(clef_model_open_as(path().c_str(), precision, &model), CLEF_ERROR_ARGUMENT);
        EXPECT_EQ(model, nullptr);
    }
    EXPECT_EQ(clef_model_open_as(nullptr, 0, nullptr), CLEF_ERROR_ARGUMENT);
    EXPECT_EQ(clef_model_open_as(path().c_str(), 0, nullptr), CLEF_ERROR_ARGUMENT);
}

TEST_F(CApi, StreamsTheSameBits) {
    clef_stream_options options{};
    options.sampling_rate = 130;
    clef_stream* stream = nullptr;
    ASSERT_EQ(clef_stream_open(model_, &options, &stream), CLEF_OK) << clef_last_error();
    ASSERT_EQ(clef_model_close(std::exchange(model_, nullptr)), CLEF_OK);  // the stream goes on
    std::vector<float> found;
    clef_stream_window window;
    std::vector<float> embedding(256);
    for (std::size_t at = 0; at < samples_.size();) {
        std::size_t taken = 0;
        ASSERT_EQ(clef_stream_push(stream, samples_.data() + at, samples_.size() - at, &taken),
                  CLEF_OK);
        at += taken;
        clef_status status;
        while ((status = clef_stream_next(stream, &window, embedding.data(), 256)) == CLEF_OK) {
            EXPECT_EQ(window.embedded, 1);
            found.insert(found.end(), embedding.begin(), embedding.end());
        }
        ASSERT_EQ(status, CLEF_NOTHING_YET);
    }
    EXPECT_EQ(found, expected());
    EXPECT_EQ(window.first_sample, 1300U);
    EXPECT_EQ(window.start_seconds, 10);

    std::uint64_t taken = 0;
    ASSERT_EQ(clef_stream_gap(stream, 2500, &taken), CLEF_OK);
    EXPECT_EQ(taken, 2500U);
    ASSERT_EQ(clef_stream_next(stream, &window, embedding.data(), 256), CLEF_OK);
    EXPECT_EQ(window.embedded, 1);  // 100 samples and a gap
    ASSERT_EQ(clef_stream_gap(stream, 100, &taken), CLEF_OK);
    ASSERT_EQ(clef_stream_next(stream, &window, embedding.data(), 256), CLEF_OK);
    EXPECT_EQ(window.embedded, 0);
    EXPECT_NE(std::string(window.reason).find("missing"), std::string::npos);
    EXPECT_EQ(embedding, std::vector<float>(256));
    EXPECT_EQ(clef_stream_close(stream), CLEF_OK);
    EXPECT_EQ(clef_stream_push(stream, samples_.data(), 1, nullptr), CLEF_ERROR_HANDLE);
}

TEST_F(CApi, ReadsFiles) {
    make_record();
    clef_recording* recording = nullptr;
    ASSERT_EQ(clef_read(record().c_str(), nullptr, &recording), CLEF_OK) << clef_last_error();
    const Recording same = read_ecg(record());
    EXPECT_EQ(clef_recording_leads(recording), 2U);
    EXPECT_EQ(clef_recording_samples(recording), 10'000U);
    EXPECT_EQ(clef_recording_sampling_rate(recording), 500);
    EXPECT_EQ(clef_recording_in_millivolts(recording, 1), 1);
    EXPECT_EQ(clef_recording_in_millivolts(recording, 2), 0);
    char name[8];
    ASSERT_EQ(clef_recording_lead_name(recording, 1, name, sizeof name, nullptr), CLEF_OK);
    EXPECT_STREQ(name, "II");
    std::vector<float> samples(100);
    ASSERT_EQ(clef_recording_samples_of(recording, 1, 9900, 100, samples.data()), CLEF_OK);
    EXPECT_TRUE(std::equal(samples.begin(), samples.end(), same.leads[1].samples.end() - 100));
    EXPECT_EQ(clef_recording_samples_of(recording, 1, 9901, 100, samples.data()), CLEF_ERROR_SIZE);
    EXPECT_EQ(clef_recording_samples_of(recording, 1, SIZE_MAX, SIZE_MAX, samples.data()),
              CLEF_ERROR_SIZE);
    EXPECT_EQ(clef_recording_samples_of(recording, 0, 0, 1, nullptr), CLEF_ERROR_ARGUMENT);
    EXPECT_EQ(clef_recording_close(recording), CLEF_OK);
    EXPECT_EQ(clef_recording_samples(recording), 0U);
    EXPECT_EQ(clef_recording_close(recording), CLEF_ERROR_HANDLE);

    const clef_read_options only{0, nullptr, nullptr, "II"};
    ASSERT_EQ(clef_read(record().c_str(), &only, &recording), CLEF_OK);
    EXPECT_EQ(clef_recording_leads(recording), 1U);
    clef_recording_close(recording);
    const clef_read_options wrong{-5, nullptr, nullptr, nullptr};
    EXPECT_EQ(clef_read(record().c_str(), &wrong, &recording), CLEF_ERROR_ARGUMENT);
    EXPECT_EQ(clef_read("/no/such/file", nullptr, &recording), CLEF_ERROR_INPUT);
    EXPECT_NE(std::string(clef_last_error()).find("/no/such/file"), std::string::npos);
}

TEST_F(CApi, NullsAreAnsweredNotFollowed) {
    clef_model* model = nullptr;
    EXPECT_EQ(clef_model_open(nullptr, &model), CLEF_ERROR_ARGUMENT);
    EXPECT_EQ(clef_model_open(path().c_str(), nullptr), CLEF_ERROR_ARGUMENT);
    EXPECT_EQ(clef_model_open("/no/such/model", &model), CLEF_ERROR_INPUT);
    EXPECT_EQ(model, nullptr);
    EXPECT_EQ(clef_model_close(nullptr), CLEF_OK);
    EXPECT_EQ(clef_model_embedding_size(nullptr), 0U);
    EXPECT_EQ(clef_model_recipe(nullptr, nullptr, 0, nullptr), CLEF_ERROR_HANDLE);
    EXPECT_EQ(clef_model_recipe(model_, nullptr, 10'000, nullptr), CLEF_ERROR_ARGUMENT);
    auto given = signal();
    std::vector<float> out(512);
    EXPECT_EQ(clef_embed(nullptr, &given, out.data(), 512, nullptr), CLEF_ERROR_HANDLE);
    EXPECT_EQ(clef_embed(model_, nullptr, out.data(), 512, nullptr), CLEF_ERROR_ARGUMENT);
    EXPECT_EQ(clef_embed(model_, &given, nullptr, 512, nullptr), CLEF_ERROR_ARGUMENT);
    EXPECT_EQ(clef_preprocess(model_, &given, nullptr, 10'000, nullptr), CLEF_ERROR_ARGUMENT);
    given.samples = nullptr;
    EXPECT_EQ(clef_embed(model_, &given, out.data(), 512, nullptr), CLEF_ERROR_ARGUMENT);
    EXPECT_EQ(clef_embed_window(model_, &given, out.data(), 512), CLEF_ERROR_ARGUMENT);
    given = signal();
    const char* names[] = {nullptr};
    given.lead_names = names;
    EXPECT_EQ(clef_embed(model_, &given, out.data(), 512, nullptr), CLEF_ERROR_ARGUMENT);
    clef_stream* stream = nullptr;
    clef_stream_options options{};
    options.sampling_rate = 130;
    EXPECT_EQ(clef_stream_open(model_, nullptr, &stream), CLEF_ERROR_ARGUMENT);
    EXPECT_EQ(clef_stream_open(model_, &options, nullptr), CLEF_ERROR_ARGUMENT);
    options.leads = 1;
    EXPECT_EQ(clef_stream_open(model_, &options, &stream), CLEF_ERROR_ARGUMENT);
    EXPECT_EQ(clef_stream_next(nullptr, nullptr, nullptr, 0), CLEF_ERROR_HANDLE);
    EXPECT_EQ(clef_read(nullptr, nullptr, nullptr), CLEF_ERROR_ARGUMENT);
}

TEST_F(CApi, HandlesOfAnotherKindAndClosedOnesAreRecognised) {
    const auto given = signal();
    std::vector<float> out(512, -1);
    clef_model* closed = model_;
    EXPECT_EQ(clef_model_close(model_), CLEF_OK);
    EXPECT_EQ(clef_model_close(closed), CLEF_ERROR_HANDLE);
    EXPECT_EQ(clef_embed(closed, &given, out.data(), 512, nullptr), CLEF_ERROR_HANDLE);
    EXPECT_NE(std::string(clef_last_error()).find("closed"), std::string::npos);
    EXPECT_EQ(out, std::vector<float>(512, -1));
    ASSERT_EQ(clef_model_open(path().c_str(), &model_), CLEF_OK);
    EXPECT_NE(model_, closed);  // and so the old handle does not come to life again
    EXPECT_EQ(clef_model_embedding_size(closed), 0U);
    EXPECT_EQ(clef_recording_close(reinterpret_cast<clef_recording*>(model_)), CLEF_ERROR_HANDLE);
    EXPECT_EQ(clef_model_embedding_size(reinterpret_cast<const clef_model*>(out.data())), 0U);
}

TEST_F(CApi, WrongSizesAreRefusedAndNothingIsWritten) {
    auto given = signal();
    std::vector<float> out(512, -1);
    std::size_t count = 0;
    EXPECT_EQ(clef_embed(model_, &given, out.data(), 511, &count), CLEF_ERROR_SIZE);
    EXPECT_EQ(count, 512U);
    given.samples_per_lead = 1299;
    EXPECT_EQ(clef_embed(model_, &given, out.data(), 512, nullptr), CLEF_ERROR_SIZE);
    given.samples_per_lead = 0;
    EXPECT_EQ(clef_embed(model_, &given, out.data(), 512, nullptr), CLEF_ERROR_SIZE);
    given = signal();
    given.leads = 2;
    given.samples_per_lead = 1300;
    EXPECT_EQ(clef_embed(model_, &given, out.data(), 512, nullptr), CLEF_ERROR_SIZE);
    EXPECT_EQ(clef_embed_window(model_, &given, out.data(), 512), CLEF_ERROR_ARGUMENT);
    given.leads = SIZE_MAX / 2;
    EXPECT_EQ(clef_embed(model_, &given, out.data(), 512, nullptr), CLEF_ERROR_SIZE);
    given.leads = 1;
    given.samples_per_lead = SIZE_MAX;
    EXPECT_EQ(clef_embed(model_, &given, out.data(), 512, nullptr), CLEF_ERROR_SIZE);
    for (const double rate : {0.0, -130.0, static_cast<double>(nan_sample), 1e300}) {
        given = signal();
        given.sampling_rate = rate;
        EXPECT_LT(clef_embed(model_, &given, out.data(), 512, nullptr), CLEF_OK) << rate;
        EXPECT_EQ(clef_model_windows(model_, 2600, rate), 0U);
        clef_stream_options options{};
        options.sampling_rate = rate;
        clef_stream* stream = nullptr;
        EXPECT_LT(clef_stream_open(model_, &options, &stream), CLEF_OK) << rate;
        EXPECT_EQ(stream, nullptr);
    }
    EXPECT_EQ(out, std::vector<float>(512, -1));
}

TEST_F(CApi, AStreamsWindowIsNotLostWhenThereIsNoRoomForIt) {
    clef_stream_options options{};
    options.sampling_rate = 130;
    clef_stream* stream = nullptr;
    ASSERT_EQ(clef_stream_open(model_, &options, &stream), CLEF_OK);
    EXPECT_EQ(clef_stream_push(stream, nullptr, 5, nullptr), CLEF_ERROR_ARGUMENT);
    EXPECT_EQ(clef_stream_push(stream, nullptr, 0, nullptr), CLEF_OK);
    EXPECT_EQ(clef_stream_push(stream, samples_.data(), SIZE_MAX, nullptr), CLEF_ERROR_SIZE);
    ASSERT_EQ(clef_stream_push(stream, samples_.data(), 1300, nullptr), CLEF_OK);
    clef_stream_window window;
    std::vector<float> embedding(256);
    EXPECT_EQ(clef_stream_next(stream, &window, embedding.data(), 255), CLEF_ERROR_SIZE);
    EXPECT_EQ(clef_stream_next(stream, &window, embedding.data(), 256), CLEF_OK);
    EXPECT_EQ(window.first_sample, 0U);
    options.filter = 7;
    EXPECT_EQ(clef_stream_open(model_, &options, &stream), CLEF_ERROR_ARGUMENT);
    options.filter = CLEF_FILTER_CAUSAL;
    options.min_quality = 2;
    EXPECT_EQ(clef_stream_open(model_, &options, &stream), CLEF_ERROR_ARGUMENT);
    EXPECT_EQ(clef_stream_close(stream), CLEF_OK);
}

TEST_F(CApi, MissingSamplesAreFilledWhereSomethingIsThere) {
    std::vector<float> out(512, -1);
    samples_[5] = nan_sample;
    samples_[6] = std::numeric_limits<float>::infinity();
    auto given = signal();
    ASSERT_EQ(clef_embed(model_, &given, out.data(), 512, nullptr), CLEF_OK);
    for (const float value : out) ASSERT_TRUE(std::isfinite(value));
    samples_[6] = nan_sample;
    EXPECT_EQ(out, expected());
    out.assign(512, -1);
    samples_.assign(2600, nan_sample);
    given = signal();
    EXPECT_EQ(clef_embed(model_, &given, out.data(), 512, nullptr), CLEF_ERROR_INPUT);
    EXPECT_NE(std::string(clef_last_error()).find("missing"), std::string::npos);
    given.sampling_rate = 500;
    EXPECT_EQ(clef_embed_window(model_, &given, out.data(), 512), CLEF_ERROR_INPUT);
    EXPECT_EQ(out, std::vector<float>(512, -1));
}

TEST_F(CApi, ThreadsShareAModelAndEachHasItsOwnErrors) {
    const auto given = signal();
    const auto right = expected();
    std::atomic<int> wrong{0};
    const auto work = [&](const char* missing) {
        std::vector<float> out(512);
        for (int i = 0; i < 5; ++i) {
            if (clef_embed(model_, &given, out.data(), 512, nullptr) != CLEF_OK || out != right)
                ++wrong;
            clef_model* none = nullptr;
            clef_model_open(missing, &none);
            if (std::string(clef_last_error()).find(missing) == std::string::npos) ++wrong;
        }
    };
    std::thread first(work, "/no/first");
    std::thread second(work, "/no/second");
    first.join();
    second.join();
    EXPECT_EQ(wrong, 0);
}

TEST_F(CApi, ClosingWhileAnotherThreadEmbedsIsSafe) {
    const auto given = signal();
    const auto right = expected();
    std::thread other([&] {
        std::vector<float> out(512);
        clef_status status = CLEF_OK;
        for (int i = 0; i < 50 && status == CLEF_OK; ++i) {
            status = clef_embed(model_, &given, out.data(), 512, nullptr);
            if (status == CLEF_OK) {
                EXPECT_EQ(out, right);
            } else {
                EXPECT_EQ(status, CLEF_ERROR_HANDLE);
            }
        }
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    EXPECT_EQ(clef_model_close(model_), CLEF_OK);
    other.join();
    model_ = nullptr;
}

#ifdef CLEF_LIBRARY  // not in the sanitizers' fuzz build

std::string run_command(const std::string& command) {
    std::string output;
    FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
    if (pipe == nullptr) return output;
    std::array<char, 4096> buffer;
    for (std::size_t n = 0; (n = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) {
        output.append(buffer.data(), n);
    }
    ::pclose(pipe);
    return output;
}

std::vector<float> numbers_in(const std::string& text) {
    std::istringstream stream(text);
    std::vector<float> numbers;
    for (float number = 0; stream >> number;) numbers.push_back(number);
    return numbers;
}

TEST_F(CApi, TheExamplesPrintTheEmbeddings) {
    make_record();
    const Preprocessor preprocessor{clef_recipe()};
    const Session session(testing::procedural_model("clef-small"));
    std::vector<float> right;
    for (const Window& window : preprocessor.windows(read_ecg(record()), {{"I"}})) {
        const auto values = session.run(window.samples);
        right.insert(right.end(), values.begin(), values.end());
    }
    ASSERT_EQ(right.size(), 512U);
    for (const std::string program : {CLEF_EXAMPLE_C, CLEF_EXAMPLE_CPP}) {
        const std::string example = CLEF_EMULATOR + program;
        const std::string output = run_command(example + " " + path() + " " + record());
        EXPECT_EQ(numbers_in(output), right) << example << ": " << output.substr(0, 200);
        EXPECT_NE(run_command(example + " /no/model " + record()).find("/no/model"),
                  std::string::npos);
    }
}

TEST_F(CApi, TheLibraryGivesAwayNothingButItsOwnFunctions) {
    std::istringstream symbols(run_command(std::string("nm -D --defined-only ") + CLEF_LIBRARY));
    std::size_t functions = 0;
    for (std::string line; std::getline(symbols, line);) {
        const std::string name = line.substr(line.rfind(' ') + 1);
        if (name == "CLEF_1") continue;
        EXPECT_TRUE(name.starts_with("clef_") && name.ends_with("@@CLEF_1")) << line;
        ++functions;
    }
    std::istringstream header(read_text_file(CLEF_SOURCE "/include/clef/clef.h"));
    std::size_t declared = 0;
    for (std::string line; std::getline(header, line);) {
        if (line.starts_with("CLEF_API ")) ++declared;
    }
    EXPECT_EQ(functions, declared);
    EXPECT_GT(declared, 20U);
}

#endif

}  // namespace

}  // namespace clef
