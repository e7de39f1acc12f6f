// A cache gives the very bits that preparing again gives; what is damaged, unfinished or another's
// is refused by name.
#include "pretraining/window_cache.hpp"

#include <cmath>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "base/progress.hpp"
#include "cohort/simulator/simulator.hpp"
#include "encoder/model.hpp"
#include "formats/wfdb_writer.hpp"
#include "pretraining/window_store.hpp"
#include "shared.hpp"

namespace clef {
namespace {

std::vector<std::vector<float>> samples_of(const ViewWindow& window) {
    std::vector<std::vector<float>> rows;
    for (const LeadSamples& lead : window.filtered()) {
        rows.emplace_back(lead.samples().begin(), lead.samples().end());
    }
    return rows;
}

class WindowCacheTest : public ::testing::Test {
  protected:
    WindowCacheTest() {
        set_quiet(true);
        SimulatorOptions simulator;
        simulator.patients = 35;
        simulator.recordings = 2;  // two shards
        cohort_ = simulate(simulator, folder_.path() / "cohort");
        for (auto& row : cohort_.rows) row.split = "train";
    }
    CacheOutcome prepare(bool skip_bad = false) const {
        CacheRequest request;
        request.folder = cache_;
        request.threads = 2;
        request.skip_bad = skip_bad;
        return write_window_cache(cohort_, recipe_, request);
    }
    std::string refusal(const Recipe& recipe) const {
        try {
            const WindowCache cache(cache_, recipe, 2);
        } catch (const InputError& error) {
            return error.what();
        }
        return "";
    }
    std::filesystem::path shard(int index) const {
        return cache_ / fmt::format("shard-{:05}.safetensors", index);
    }

    testing::TemporaryFolder folder_;
    std::filesystem::path cache_ = folder_.path() / "cache";
    Recipe recipe_ = random_model("clef-small", 1, 1).recipe;
    Cohort cohort_;
};

TEST_F(WindowCacheTest, GivesTheBitsThatPreparingAgainGives) {
    const CacheOutcome outcome = prepare();
    EXPECT_EQ(outcome.shards, 2U);
    EXPECT_EQ(outcome.kept, 0U);
    EXPECT_EQ(outcome.rows, cohort_.rows.size());
    WindowStoreOptions options;
    const WindowStore plain(cohort_, recipe_, options);
    options.cache = cache_.string();
    const WindowStore cached(cohort_, recipe_, options);
    ASSERT_EQ(cached.window_count(), plain.window_count());
    ASSERT_EQ(cached.window_count(), outcome.windows);
    ASSERT_EQ(cached.patients().size(), plain.patients().size());
    for (std::size_t i = 0; i < plain.window_count(); ++i) {
        const auto one = cached.window(i);
        EXPECT_EQ(one->leads(), plain.window(i)->leads());
        EXPECT_EQ(samples_of(*one), samples_of(*plain.window(i)));
    }
}

TEST_F(WindowCacheTest, AWriterThatDiedGoesOnWithWhatIsMissing) {
    prepare();
    std::filesystem::remove(cache_ / "cache.json");
    const std::string first = read_text_file(shard(0));
    const std::string second = read_text_file(shard(1));
    std::filesystem::remove(shard(1));
    EXPECT_NE(refusal(recipe_).find("finished"), std::string::npos);
    EXPECT_EQ(prepare().kept, 1U);
    EXPECT_EQ(read_text_file(shard(0)), first);
    EXPECT_EQ(read_text_file(shard(1)), second);
    EXPECT_EQ(refusal(recipe_), "");
    EXPECT_EQ(prepare().kept, 2U);
}

TEST_F(WindowCacheTest, ADamagedShardIsNamedAndMadeAgain) {
    prepare();
    const std::string whole = read_text_file(shard(1));
    for (const std::size_t at :
         {std::size_t{3}, std::size_t{50}, whole.size() / 2, whole.size() - 1}) {
        std::string bytes = whole;
        bytes[at] = static_cast<char>(bytes[at] ^ 1);
        write_file(shard(1), bytes);
        EXPECT_NE(refusal(recipe_).find(shard(1).string()), std::string::npos) << at;
    }
    write_file(shard(1), whole.substr(0, whole.size() - 1));
    EXPECT_NE(refusal(recipe_).find(shard(1).string()), std::string::npos);
    EXPECT_EQ(prepare().kept, 1U);
    EXPECT_EQ(read_text_file(shard(1)), whole);
    std::filesystem::remove(shard(0));
    EXPECT_NE(refusal(recipe_).find(shard(0).string()), std::string::npos);
}

TEST_F(WindowCacheTest, AnotherRecipeIsRefused) {
    prepare();
    Recipe other = recipe_;
    other.band_pass_high = 45;
    EXPECT_NE(refusal(other).find("another recipe"), std::string::npos);
    CacheRequest request;
    request.folder = cache_;
    EXPECT_THROW(write_window_cache(cohort_, other, request), InputError);
}

TEST_F(WindowCacheTest, ARecordingThatIsNotInItIsRefused) {
    prepare();
    cohort_.rows.back().record = "another";
    WindowStoreOptions options;
    options.cache = cache_.string();
    try {
        const WindowStore store(cohort_, recipe_, options);
        FAIL();
    } catch (const InputError& error) {
        EXPECT_NE(std::string(error.what()).find("another"), std::string::npos) << error.what();
    }
}

TEST_F(WindowCacheTest, BadRecordingsAreRefusedOrSkippedAsWithoutACache) {
    Recording silent;
    silent.sampling_rate = 500;
    silent.leads = {{"I", "I", "mV", true, std::vector<float>(5000, NAN)}};
    write_wfdb(folder_.path() / "cohort/silent", silent);
    cohort_.rows[5].record = "silent";
    EXPECT_THROW(prepare(), InputError);
    EXPECT_FALSE(std::filesystem::exists(cache_ / "cache.json"));
    const CacheOutcome outcome = prepare(true);
    ASSERT_EQ(outcome.skipped.size(), 1U);
    EXPECT_EQ(outcome.skipped[0].first, "silent");
    WindowStoreOptions options;
    options.cache = cache_.string();
    EXPECT_THROW(WindowStore(cohort_, recipe_, options), InputError);
    options.skip_bad = true;
    const WindowStore store(cohort_, recipe_, options);
    ASSERT_EQ(store.skipped().size(), 1U);
    EXPECT_EQ(store.skipped()[0].first, "silent");
}

TEST_F(WindowCacheTest, AFolderOfSomethingElseIsLeftAlone) {
    write_file(cache_ / "thesis.tex", "x");
    EXPECT_THROW(prepare(), InputError);
    EXPECT_TRUE(std::filesystem::exists(cache_ / "thesis.tex"));
}

}  // namespace
}  // namespace clef
