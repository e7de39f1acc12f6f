#include "pretraining/views.hpp"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <map>

#include "base/error.hpp"

namespace clef {
namespace {

const std::vector<std::string> three_leads = {"I", "II", "V1"};

ViewPair draw(const ViewOptions& options, std::uint64_t sample,
              const std::vector<std::string>& leads = three_leads) {
    Random random(1, "views", 0, sample);
    return draw_views(options, leads, leads, 5000, 5000, 1250, random);
}

TEST(Views, AreTheSameForTheSameKey) {
    const ViewPair a = draw({}, 4);
    const ViewPair b = draw({}, 4);
    EXPECT_EQ(a.first.start, b.first.start);
    EXPECT_EQ(a.second.lead, b.second.lead);
}

TEST(Views, RandomLeadsAreEvenlySpread) {
    std::map<std::size_t, int> counts;
    for (std::uint64_t i = 0; i < 3000; ++i) ++counts[draw({}, i).first.lead];
    for (std::size_t lead = 0; lead < 3; ++lead) EXPECT_NEAR(counts[lead], 1000, 120);
}

TEST(Views, NamedSameAndReleasedRulesHold) {
    ViewOptions named;
    named.first_lead = "II";
    named.second_lead = "same";
    ViewOptions released;
    released.second_lead = "released";
    int same = 0;
    for (std::uint64_t i = 0; i < 3000; ++i) {
        EXPECT_EQ(draw(named, i).first.lead, 1U);
        EXPECT_EQ(draw(named, i).second.lead, 1U);
        const ViewPair pair = draw(released, i);
        same += pair.first.lead == pair.second.lead ? 1 : 0;
    }
    // 0.8, and a third of the remaining fifth by chance.
    EXPECT_NEAR(same / 3000.0, 0.8 + 0.2 / 3, 0.03);
}

TEST(Views, ARecordingWithoutTheNamedLeadGivesOneOfItsOwn) {
    ViewOptions options;
    options.first_lead = "V6";
    EXPECT_LT(draw(options, 1).first.lead, 3U);
}

TEST(Views, StretchesLieInsideTheRecordingAndSpanItsWholeLength) {
    ViewOptions options;
    options.time_scale = 0.15;
    std::size_t latest = 0;
    std::size_t longest = 0;
    for (std::uint64_t i = 0; i < 3000; ++i) {
        const ViewDraw view = draw(options, i).first;
        ASSERT_LE(view.start + view.length, 5000U);
        latest = std::max(latest, view.start + view.length);
        longest = std::max(longest, view.length);
    }
    EXPECT_GT(latest, 4980U);
    EXPECT_NEAR(static_cast<double>(longest), 1250 * std::exp(0.15), 8);
}

TEST(Views, TheSameCropIsTheSameStretch) {
    ViewOptions options;
    options.second_crop = "same";
    const ViewPair pair = draw(options, 8);
    EXPECT_EQ(pair.first.start, pair.second.start);
}

TEST(Views, StretchingInterpolatesLinearly) {
    const std::vector<float> lead = {0, 1, 2, 3, 4, 5, 6};
    EXPECT_EQ(stretched(lead, {0, 2, 3}, 3), (std::vector<float>{2, 3, 4}));
    EXPECT_EQ(stretched(lead, {0, 1, 5}, 9),
              (std::vector<float>{1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5}));
    EXPECT_EQ(stretched(lead, {0, 0, 7}, 3), (std::vector<float>{0, 3, 6}));
}

TEST(Views, ImpossibleOptionsAreRefused) {
    ViewOptions options;
    options.augmentation.noise_probability = 1.5;
    EXPECT_THROW(check_views(options), InputError);
    options = {};
    options.augmentation.mask_low = 0.5;
    EXPECT_THROW(check_views(options), InputError);
    options = {};
    options.second_crop = "mine";
    EXPECT_THROW(check_views(options), InputError);
}

TEST(Views, AreTheStretchOrItsLinearInterpolation) {
    std::vector<float> lead(200);
    for (std::size_t i = 0; i < lead.size(); ++i) lead[i] = std::sin(0.3F * static_cast<float>(i));
    constexpr std::size_t wanted = 100;
    for (const std::size_t length : {wanted - 1, wanted, wanted + 1, std::size_t{57}}) {
        ViewDraw draw;
        draw.start = 40;
        draw.length = length;
        const std::vector<float> view = stretched(lead, draw, wanted);
        ASSERT_EQ(view.size(), wanted);
        for (std::size_t i = 0; i < wanted; ++i) {
            const double place = static_cast<double>(i * (length - 1)) / (wanted - 1);
            const auto left = static_cast<std::size_t>(std::min<double>(place, length - 2.0));
            const double fraction = place - static_cast<double>(left);
            EXPECT_NEAR(view[i], (1 - fraction) * lead[40 + left] + fraction * lead[41 + left],
                        1e-5)
                << length << " " << i;
        }
    }
}

}  // namespace
}  // namespace clef
