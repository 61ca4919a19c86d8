// Zones by name, offsets, and instants in text.
#include "holdfast/time_zone.hpp"

#include <gtest/gtest.h>

namespace holdfast::test {
namespace {

TEST(time_zone, refuses_what_is_no_name_or_unknown) {
    for (const auto* bad : {"", "/etc/localtime", "../UTC", "localtime", "a b", "right/UTC"})
        EXPECT_EQ(time_zone::find(bad).error(), errc::invalid_argument) << bad;
    EXPECT_EQ(time_zone::find(std::string(200, 'a')).error(), errc::invalid_argument);
    for (const auto* unknown : {"Mars/Olympus", "America", "europe/london"})
        EXPECT_EQ(time_zone::find(unknown).error(), errc::not_found) << unknown;
}

TEST(time_zone, formats_with_an_explicit_offset) {
    const auto at = parse_instant("2026-11-21T18:30:00Z").value();
    EXPECT_EQ(time_zone::utc().format(at), "2026-11-21T18:30:00+00:00");
    EXPECT_EQ(time_zone::find("Asia/Shanghai")->format(at), "2026-11-22T02:30:00+08:00");
    EXPECT_EQ(time_zone::find("America/St_Johns")->format(at), "2026-11-21T15:00:00-03:30");
    EXPECT_EQ(time_zone::find("UTC")->format(at - microseconds{1}), "2026-11-21T18:29:59+00:00");
    EXPECT_EQ(
        time_zone::find("America/New_York")->format(parse_instant("1800-01-01T00:00Z").value()),
        "1799-12-31T19:03:58-04:56:02");
}

TEST(time_zone, reads_instants_with_offsets_and_without) {
    const auto shanghai = time_zone::find("Asia/Shanghai").value();
    const auto expected = from_unix_seconds(1'795'285'800);
    for (const auto* text : {"2026-11-22T02:30:00+08:00", "2026-11-21T18:30:00Z",
                             "2026-11-21t18:30z", "2026-11-21 18:30:00+00:00",
                             "2026-11-22T02:30:00", "2026-11-22T02:30", "2026-11-21T14:30:00-0400"})
        EXPECT_EQ(parse_instant(text, shanghai).value(), expected) << text;
    EXPECT_EQ(parse_instant("2026-11-21T18:30:00.25Z").value(), expected + milliseconds{250});
    for (const auto* bad :
         {"", "2026", "2026-11-22", "2026-02-29T00:00:00Z", "2026-11-22T24:00:00Z",
          "2026-11-22T02:60:00Z", "2026-11-22T02:30:00+", "2026-11-22T02:30:00Zx",
          "2026-11-22T02:30:00.Z", "02026-11-22T02:30:00Z", "2026-11-22T2:30:00Z", "now"})
        EXPECT_EQ(parse_instant(bad).error(), errc::invalid_argument) << bad;
}

TEST(time_zone, local_times_next_to_a_change_are_resolved) {
    const auto zone = time_zone::find("America/New_York").value();
    EXPECT_EQ(zone.format(parse_instant("2026-03-08T02:30:00", zone).value()),
              "2026-03-08T03:00:00-04:00");
    EXPECT_EQ(zone.format(parse_instant("2026-11-01T01:30:00", zone).value()),
              "2026-11-01T01:30:00-04:00");
}

TEST(time_zone, copies_are_equal_and_share) {
    const auto zone = time_zone::find("Europe/Paris").value();
    const auto copy = zone;
    EXPECT_EQ(copy, zone);
    EXPECT_EQ(copy.table(), zone.table());
    EXPECT_NE(zone, time_zone::utc());
    EXPECT_EQ(time_zone::find("Etc/UTC").value(), time_zone::utc());
}

}  // namespace
}  // namespace holdfast::test
