#include "formats/wfdb_time.hpp"

#include <gtest/gtest.h>

namespace clef {

namespace {

std::string at(std::int64_t tick, const std::string& time, const std::string& date) {
    WfdbHeader header;
    header.base_time = time;
    header.base_date = date;
    return wfdb_time_text(tick, 250, wfdb_base_time(header));
}

}  // namespace

// What rdann (WFDB 10.7) prints for annotations at these ticks under these base times.
TEST(WfdbTime, AgreesWithRdann) {
    EXPECT_EQ(at(1, "23:59:58.250", "31/12/1999"), "[23:59:58.254 31/12/1999]");
    EXPECT_EQ(at(437, "23:59:58.250", "31/12/1999"), "[23:59:59.998 31/12/1999]");
    EXPECT_EQ(at(438, "23:59:58.250", "31/12/1999"), "[00:00:00.002 01/01/2000]");
    EXPECT_EQ(at(900000, "23:59:58.250", "31/12/1999"), "[00:59:58.250 01/01/2000]");
    EXPECT_EQ(at(43200000, "23:59:58.250", "31/12/1999"), "[23:59:58.250 02/01/2000]");
    EXPECT_EQ(at(1, "23:59:58.250", ""), "[23:59:58.254]");
    EXPECT_EQ(at(437, "23:59:58.250", ""), "[23:59:59.998]");
    EXPECT_EQ(at(438, "23:59:58.250", ""), "[00:00:00.002 1]");
    EXPECT_EQ(at(900000, "23:59:58.250", ""), "[00:59:58.250 1]");
    EXPECT_EQ(at(43200000, "23:59:58.250", ""), "[23:59:58.250 2]");
    EXPECT_EQ(at(1, "00:00:00", ""), "    0:00.004");
    EXPECT_EQ(at(437, "00:00:00", ""), "    0:01.748");
    EXPECT_EQ(at(438, "00:00:00", ""), "    0:01.752");
    EXPECT_EQ(at(900000, "00:00:00", ""), " 1:00:00.000");
    EXPECT_EQ(at(43200000, "00:00:00", ""), "48:00:00.000");
}

TEST(WfdbTime, PositionsAreTypedAsForRdsamp) {
    EXPECT_EQ(parse_sample_position("s3600", 360), 3600U);
    EXPECT_EQ(parse_sample_position("2.5", 360), 900U);
    EXPECT_EQ(parse_sample_position("1:30", 360), 32400U);
    EXPECT_EQ(parse_sample_position("1:02:03.5", 100), 372350U);
    for (const char* wrong : {"", "s", "s-1", "-1", "soon", "1:2:3:4", "1e300", "nan"}) {
        EXPECT_FALSE(parse_sample_position(wrong, 360)) << wrong;
    }
}

}  // namespace clef
