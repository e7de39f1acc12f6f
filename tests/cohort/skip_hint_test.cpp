#include "cohort/skip_hint.hpp"

#include <gtest/gtest.h>

namespace clef {
namespace {

std::string said(const char* trouble) {
    try {
        fail_unless_skipped(trouble);
    } catch (const InputError& error) {
        return error.what();
    }
}

TEST(SkipHint, FollowsTheTroubleAsASentenceOfItsOwn) {
    const std::string hint = " --skip-bad goes on without such recordings and lists them";
    EXPECT_EQ(said("r.dat: 3 bytes"), "r.dat: 3 bytes." + hint);
    EXPECT_EQ(said("r.dat: is it cut off?"), "r.dat: is it cut off?" + hint);
}

}  // namespace
}  // namespace clef
