// The whole way from a WFDB file to what an encoder sees, against SciPy's results.
#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <iostream>

#include "formats/ecg_file.hpp"
#include "formats/npy.hpp"
#include "shared.hpp"
#include "signal/butterworth.hpp"
#include "signal/normalise.hpp"
#include "signal/resample.hpp"
#include "signal/zero_phase.hpp"

namespace clef {

using testing::shared_folder;

namespace {

const char* const ptbxl_records[] = {"00001", "00002", "00040", "00100", "00250"};

std::vector<float> golden(const std::string& name) {
    return read_npy(shared_folder() / "goldens/preprocess" / (name + ".npy")).values;
}

std::vector<float> read_lead(const std::string& record, const std::string& lead) {
    return read_ecg(shared_folder() / "data" / record, {.leads = {lead}}).leads[0].samples;
}

// The largest difference as a fraction of the golden's range.
double difference(const std::vector<float>& found, const std::vector<float>& expected) {
    EXPECT_EQ(found.size(), expected.size());
    double largest = 0;
    for (std::size_t i = 0; i < std::min(found.size(), expected.size()); ++i) {
        largest = std::max(largest, std::abs(static_cast<double>(found[i]) - expected[i]));
    }
    const auto [low, high] = std::minmax_element(expected.begin(), expected.end());
    return largest / (*high - *low);
}

}  // namespace

TEST(Golden, ClefPreprocessingOfPtbxl) {
    CLEF_REQUIRE_SHARED("goldens/preprocess");
    CLEF_REQUIRE_SHARED("data/ptbxl/records500");
    const ZeroPhaseFilter filter(butterworth_band_pass(5, 0.67, 40, 500));
    double worst = 0;
    for (const std::string record : ptbxl_records) {
        for (const std::string lead : {"I", "II"}) {
            auto x = filter.apply(std::span<const float>(
                read_lead("ptbxl/records500/00000/" + record + "_hr", lead)));
            z_score(x);
            worst = std::max(worst, difference(x, golden("clef_" + record + "_" + lead)));
        }
    }
    // SciPy itself differs from these by up to 9.7e-4 on another machine: see butterworth.hpp.
    EXPECT_LT(worst, 1e-3);
    std::cout << "largest difference: " << worst << " of full scale\n";
}

TEST(Golden, AnotherProjectsPreprocessingOfPtbxl) {
    CLEF_REQUIRE_SHARED("goldens/preprocess");
    CLEF_REQUIRE_SHARED("data/ptbxl/records500");
    const ZeroPhaseFilter filter(butterworth_band_pass(4, 0.5, 40, 500));
    double worst = 0;
    for (const std::string record :
         {"00009", "00103", "00180", "00208", "00274", "00318", "00400", "00448"}) {
        const auto path = "ptbxl/records500/00000/" + record + "_hr";
        std::vector<float> all;
        for (const std::string lead : {"I", "II", "V5"}) {
            auto x = filter.apply(std::span<const float>(read_lead(path, lead)));
            z_score(x);
            all.insert(all.end(), x.begin(), x.end());
        }
        worst = std::max(worst, difference(all, golden("ptbxl_" + record + "_leads_I_II_V5")));
    }
    EXPECT_LT(worst, 5e-4);
    std::cout << "largest difference: " << worst << " of full scale\n";
}

TEST(Golden, ResamplingPtbxlFrom100To500Hz) {
    CLEF_REQUIRE_SHARED("goldens/preprocess");
    CLEF_REQUIRE_SHARED("data/ptbxl/records100");
    double worst = 0;
    for (const std::string record : ptbxl_records) {
        const auto x = read_lead("ptbxl/records100/00000/" + record + "_lr", "I");
        worst = std::max(worst, difference(fourier_resample(x, 5 * x.size()),
                                           golden("resample100to500_" + record + "_I")));
    }
    EXPECT_LT(worst, 1e-6);
    std::cout << "largest difference: " << worst << " of full scale\n";
}

TEST(Golden, ResamplingMitdbFrom360To500Hz) {
    CLEF_REQUIRE_SHARED("goldens/preprocess");
    const auto x = golden("mitdb100_MLII_first10s_mV");
    const double found =
        difference(fourier_resample(x, 5000), golden("mitdb100_MLII_first10s_360to500"));
    EXPECT_LT(found, 1e-6);
    std::cout << "largest difference: " << found << " of full scale\n";
}

}  // namespace clef
