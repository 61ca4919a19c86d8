// Spans as people write them.
#include "base/duration.hpp"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

TEST(duration, reads_seconds_and_units) {
    EXPECT_EQ(parse_duration("43200"), hours{12});
    EXPECT_EQ(parse_duration("0"), milliseconds{0});
    EXPECT_EQ(parse_duration("12h"), hours{12});
    EXPECT_EQ(parse_duration("1h30m"), minutes{90});
    EXPECT_EQ(parse_duration("1d2h3m4s5ms"), milliseconds{93'784'005});
    EXPECT_EQ(parse_duration("250ms"), milliseconds{250});
}

TEST(duration, refuses_everything_else) {
    for (const auto* bad : {"", " ", "-1", "-5s", "+5s", "1.5h", "5 s", "5x", "s", "1m1h", "1s1s",
                            "10s ", "99999999999999", "40000d", "1h30", "1e3", "inf"})
        EXPECT_FALSE(parse_duration(bad)) << bad;
}

TEST(duration, writes_what_it_reads) {
    for (const std::int64_t ms : {0, 1, 999, 1000, 61'000, 5'400'000, 93'784'005})
        EXPECT_EQ(parse_duration(format_duration(milliseconds{ms})), milliseconds{ms});
    EXPECT_EQ(format_duration(minutes{90}), "1h30m");
}

}  // namespace
}  // namespace holdfast
