// AdamW and the schedules against PyTorch's numbers.
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "pretraining/schedule.hpp"
#include "training/adamw.hpp"

namespace clef {
namespace {

torch::Tensor parameter() {
    return torch::tensor({1.0, -2.0, 0.5}, torch::kFloat64).set_requires_grad(true);
}

void step(AdamW& optimiser, const torch::Tensor& p) {
    p.pow(3).sum().backward();
    optimiser.step(0.1);
}

// torch.optim.AdamW(lr=0.1, weight_decay=0.01) on the sum of cubes, PyTorch 2.5, float64.
const double expected_steps[4][3] = {{0.899000000333, -2.097999999917, 0.399500001333},
                                     {0.799208826864, -2.196036856707, 0.302574602482},
                                     {0.701519672867, -2.294198161588, 0.212125923236},
                                     {0.606886082174, -2.392568730337, 0.130489904974}};

TEST(AdamW, FollowsPyTorchStepByStep) {
    const torch::Tensor p = parameter();
    AdamW optimiser({{"p", p}}, 0.01);
    for (const auto& expected : expected_steps) {
        step(optimiser, p);
        for (int i = 0; i < 3; ++i) EXPECT_NEAR(p[i].item<double>(), expected[i], 1e-11);
    }
    EXPECT_EQ(optimiser.steps_taken(), 4);
}

TEST(AdamW, GoesOnFromItsStoredStateBitForBit) {
    const auto single = [] { return torch::tensor({1.0F, -2.0F, 0.5F}).set_requires_grad(true); };
    torch::Tensor whole = single();
    AdamW uninterrupted({{"p", whole}}, 0.01);
    for (int i = 0; i < 5; ++i) step(uninterrupted, whole);

    torch::Tensor first = single();
    AdamW before({{"p", first}}, 0.01);
    for (int i = 0; i < 2; ++i) step(before, first);
    Tensors saved;
    before.store(saved);
    torch::Tensor second = first.detach().clone().set_requires_grad(true);
    AdamW after({{"p", second}}, 0.01);
    after.load(saved, 2);
    for (int i = 0; i < 3; ++i) step(after, second);
    EXPECT_TRUE(torch::equal(whole, second));
}

TEST(AdamW, ClipsTheJointLengthOfAllGradients) {
    torch::Tensor a = torch::tensor({3.0}, torch::kFloat64).set_requires_grad(true);
    torch::Tensor b = torch::tensor({4.0}, torch::kFloat64).set_requires_grad(true);
    AdamW optimiser({{"a", a}, {"b", b}}, 0);
    (a * 3 + b * 4).sum().backward();
    EXPECT_DOUBLE_EQ(optimiser.clip(1), 5);
    EXPECT_NEAR(a.grad().item<double>(), 0.6, 1e-12);
    EXPECT_NEAR(b.grad().item<double>(), 0.8, 1e-12);
    EXPECT_NEAR(optimiser.clip(2), 1, 1e-12);  // short enough: left alone
    EXPECT_NEAR(a.grad().item<double>(), 0.6, 1e-12);
}

TEST(Schedule, WarmRestartsAreThoseOfPyTorch) {
    // torch CosineAnnealingWarmRestarts(T_0=4, T_mult=2, eta_min=1e-3), lr 0.1
    const double expected[] = {0.1,    0.085501785669, 0.0505,         0.015498214331,
                               0.1,    0.096232036859, 0.085501785669, 0.069442829902,
                               0.0505, 0.031557170098, 0.015498214331, 0.004767963141,
                               0.1,    0.09904887138};
    ScheduleOptions options;
    options.peak = 0.1;
    options.floor = 1e-3;
    options.first_cycle_steps = 4;
    for (int i = 0; i < 14; ++i) EXPECT_NEAR(learning_rate(options, i), expected[i], 1e-11) << i;
}

TEST(Schedule, CosineWarmsUpAndEndsAtItsFloor) {
    ScheduleOptions options;
    options.name = "cosine";
    options.peak = 1;
    options.floor = 0.1;
    options.warm_up_steps = 4;
    options.total_steps = 24;
    EXPECT_DOUBLE_EQ(learning_rate(options, 0), 0.25);
    EXPECT_DOUBLE_EQ(learning_rate(options, 3), 1);
    EXPECT_DOUBLE_EQ(learning_rate(options, 4), 1);
    EXPECT_NEAR(learning_rate(options, 14), 0.55, 1e-12);
    EXPECT_NEAR(learning_rate(options, 24), 0.1, 1e-12);
}

TEST(Schedule, UnknownNamesAreRefused) {
    ScheduleOptions options;
    options.name = "cosin";
    EXPECT_THROW(learning_rate(options, 0), InputError);
}

}  // namespace
}  // namespace clef
