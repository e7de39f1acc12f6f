// However a window is kept, its leads are what filtering each of them alone gives.
#include "pretraining/view_window.hpp"

#include <cmath>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "base/random.hpp"
#include "encoder/model.hpp"
#include "pretraining/views.hpp"

namespace clef {
namespace {

constexpr double rate = 250;  // half the recipe's
constexpr std::size_t length = 2500;

std::vector<float> lead_samples(std::uint64_t number) {
    Random random(4, "leads", 0, number);
    std::vector<float> samples;
    for (std::size_t i = 0; i < length; ++i) {
        samples.push_back(static_cast<float>(std::sin(0.05 * static_cast<double>(i * number)) +
                                             0.1 * random.normal()));
    }
    return samples;
}

// I and V5; between them one that never changes and one without a number.
Recording recording() {
    Recording result{"r.hea", rate, {}, {}};
    const std::vector<float> missing(length, std::numeric_limits<float>::quiet_NaN());
    result.leads = {{"I", "I", "mV", true, lead_samples(1)},
                    {"II", "II", "mV", true, std::vector<float>(length, 0.25F)},
                    {"V1", "V1", "mV", true, missing},
                    {"V5", "V5", "mV", true, lead_samples(2)}};
    return result;
}

std::vector<std::vector<float>> copied(const std::vector<LeadSamples>& leads) {
    std::vector<std::vector<float>> result;
    for (const LeadSamples& lead : leads) {
        result.emplace_back(lead.samples().begin(), lead.samples().end());
    }
    return result;
}

class ViewWindows : public ::testing::Test {
  protected:
    Preprocessor preprocessor_{random_model("clef-small", 1, 1).recipe};
    UnfilteredWindow read_{recording(), preprocessor_, "r.hea"};
    PreparedWindow prepared_{read_};
};

TEST_F(ViewWindows, LeadsWithoutAChangeAreLeftOut) {
    const std::vector<std::string> usable = {"I", "V5"};
    EXPECT_EQ(read_.leads(), usable);
    EXPECT_EQ(prepared_.leads(), usable);
    EXPECT_EQ(read_.samples(), 2 * length);
    Recording flat = recording();
    flat.leads.erase(flat.leads.begin());
    flat.leads.pop_back();
    EXPECT_THROW(UnfilteredWindow(flat, preprocessor_, "r.hea"), InputError);
}

TEST_F(ViewWindows, AnyLeadsInAnyOrderAreThoseFilteredAlone) {
    const std::vector<std::vector<float>> alone = {
        preprocessor_.condition(lead_samples(1), rate, "I"),
        preprocessor_.condition(lead_samples(2), rate, "V5")};
    const KeptWindow kept({"I", "V5"}, {alone[0], alone[1]});
    const std::vector<std::size_t> choices[] = {{0}, {1}, {0, 1}, {1, 0}, {1, 1}, {0, 1, 0, 1, 1}};
    for (const ViewWindow* window :
         {static_cast<const ViewWindow*>(&read_), static_cast<const ViewWindow*>(&prepared_),
          static_cast<const ViewWindow*>(&kept)}) {
        EXPECT_EQ(window->samples(), alone[0].size());
        EXPECT_EQ(copied(window->filtered()), alone);
        for (const auto& choice : choices) {
            const auto found = copied(window->filtered(choice));
            ASSERT_EQ(found.size(), choice.size());
            for (std::size_t i = 0; i < choice.size(); ++i) EXPECT_EQ(found[i], alone[choice[i]]);
        }
    }
}

// One window or two of the same content, one lead or two: the same views.
TEST_F(ViewWindows, ViewsDoNotDependOnHowAWindowIsKept) {
    for (const char* second : {"same", "random"}) {
        ViewOptions options;
        options.second_lead = second;
        options.crop_seconds = 4;
        options.augmentation.noise_probability = 0.5;
        const ViewMaker maker(options, preprocessor_);
        for (std::uint64_t draw = 0; draw < 8; ++draw) {
            const auto views = [&](const ViewWindow& one, const ViewWindow& other) {
                ViewRandom random(3, 0, draw);
                std::vector<float> values(2 * maker.samples());
                maker.make(one, other, random, values.data(), values.data() + maker.samples());
                return values;
            };
            const auto expected = views(prepared_, prepared_);
            EXPECT_EQ(views(read_, read_), expected);
            EXPECT_EQ(views(read_, prepared_), expected);
            EXPECT_EQ(views(prepared_, read_), expected);
        }
    }
}

// The second view is of the second window: nothing of it is left when that window's leads change
// sign, and the first view keeps its bits.
TEST_F(ViewWindows, TheSecondViewIsOfTheSecondWindow) {
    ViewOptions options;
    options.second_lead = "random";
    options.crop_seconds = 4;
    const ViewMaker maker(options, preprocessor_);
    const ViewWindow& given = prepared_;
    std::vector<std::vector<float>> leads = copied(given.filtered());
    for (std::vector<float>& lead : leads) {
        for (float& sample : lead) sample = -sample;
    }
    const KeptWindow opposite(given.leads(), {leads[0], leads[1]});
    const std::size_t half = maker.samples();
    for (std::uint64_t draw = 0; draw < 8; ++draw) {
        const auto views = [&](const ViewWindow& second) {
            ViewRandom random(3, 0, draw);
            std::vector<float> values(2 * half);
            maker.make(prepared_, second, random, values.data(), values.data() + half);
            return values;
        };
        const std::vector<float> same = views(prepared_);
        std::vector<float> expected = same;
        for (std::size_t i = half; i < 2 * half; ++i) expected[i] = -expected[i];
        EXPECT_EQ(views(opposite), expected) << "draw " << draw;
    }
}

TEST_F(ViewWindows, ALeadTooShortForTheFiltersIsNamed) {
    Recording recorded = recording();
    for (Lead& lead : recorded.leads) lead.samples.resize(10);
    const UnfilteredWindow window(recorded, preprocessor_, "r.hea: from sample 0");
    try {
        window.filtered();
        FAIL();
    } catch (const InputError& error) {
        EXPECT_NE(std::string(error.what()).find("r.hea: from sample 0: lead I"), std::string::npos)
            << error.what();
    }
}

}  // namespace
}  // namespace clef
