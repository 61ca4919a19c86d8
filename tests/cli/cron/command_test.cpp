// `holdfast cron next|lint|describe` as scripts see them.
#include "support/child_process.hpp"

#include <gtest/gtest.h>

namespace holdfast::test {
namespace {

struct outcome {
    int code;
    std::string out;
    std::string err;
};

outcome cron(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {HOLDFAST_PROGRAM, "cron"});
    auto process = run_to_end(std::move(arguments), {});
    const int code = process.wait_code();
    return {code, process.out(), process.err()};
}

constexpr auto* new_year = "2026-01-01T00:00:00Z";

TEST(cron_command, next_prints_instants_with_an_offset_one_a_line) {
    const auto shanghai = cron({"next", "-n", "2", "--zone", "Asia/Shanghai", "--from",
                                "2026-11-22T02:30:00+08:00", "30 2 * * *"});
    EXPECT_EQ(shanghai.code, 0);
    EXPECT_EQ(shanghai.out, "2026-11-23T02:30:00+08:00\n2026-11-24T02:30:00+08:00\n");
    EXPECT_TRUE(shanghai.err.empty());
    EXPECT_EQ(cron({"next", "--from", new_year, "0 0/10 * * * ?"}).out,
              "2026-01-01T00:10:00+00:00\n");
    EXPECT_EQ(cron({"next", "--from", new_year, "--dialect", "quartz", "0 0 12 ? * 1"}).out,
              "2026-01-04T12:00:00+00:00\n");
    EXPECT_EQ(cron({"next", "--from", new_year, "0", "2", "*", "*", "MON"}).out,
              "2026-01-05T02:00:00+00:00\n");
}

TEST(cron_command, next_says_none_when_nothing_comes) {
    const auto never = cron({"next", "-n", "3", "0 0 30 2 *"});
    EXPECT_EQ(never.code, 0);
    EXPECT_EQ(never.out, "none\n");
}

TEST(cron_command, json_is_one_object) {
    EXPECT_EQ(cron({"next", "--json", "-n", "2", "--from", new_year, "@every 90m"}).out,
              "{\"expression\":\"@every 90m\",\"dialect\":\"holdfast\",\"zone\":\"UTC\","
              "\"times\":[\"2026-01-01T01:30:00+00:00\",\"2026-01-01T03:00:00+00:00\"]}\n");
    EXPECT_EQ(cron({"next", "--json", "0 0 30 2 *"}).out,
              "{\"expression\":\"0 0 30 2 *\",\"dialect\":\"holdfast\",\"zone\":\"UTC\","
              "\"times\":[]}\n");
}

TEST(cron_command, an_invalid_expression_is_a_no_with_one_line) {
    for (const auto* bad : {"60 * * * *", "-5 * * * *", "", "* * * *", "- * * * *", "/5 * * * *"}) {
        for (const auto* what : {"next", "lint", "describe"}) {
            const auto answer = cron({what, bad});
            EXPECT_EQ(answer.code, 1) << what << ' ' << bad << ": " << answer.err;
            EXPECT_TRUE(answer.err.starts_with("holdfast: ")) << answer.err;
            EXPECT_EQ(answer.err.find('\n'), answer.err.size() - 1) << answer.err;
            EXPECT_TRUE(answer.out.empty());
        }
    }
}

TEST(cron_command, wrong_arguments_are_usage) {
    for (const auto& bad :
         std::vector<std::vector<std::string>>{{},
                                               {"next"},
                                               {"next", "--dialect", "systemd", "* * * * *"},
                                               {"next", "--zone", "Mars/Base", "* * * * *"},
                                               {"next", "--from", "yesterday", "* * * * *"},
                                               {"next", "-n", "0", "* * * * *"},
                                               {"next", "--unknown", "* * * * *"},
                                               {"previous", "* * * * *"}}) {
        const auto answer = cron(bad);
        EXPECT_EQ(answer.code, 2) << (bad.empty() ? "" : bad.back()) << answer.err;
        EXPECT_EQ(answer.err.find('\n'), answer.err.size() - 1) << answer.err;
    }
}

TEST(cron_command, lint_lists_warnings_and_fails_when_it_never_fires) {
    EXPECT_EQ(cron({"lint", "0 2 * * *"}).out, "ok\n");
    const auto quartz = cron({"lint", "--from", new_year, "0 0 0 ? * 1"});
    EXPECT_EQ(quartz.code, 0);
    EXPECT_NE(quartz.out.find("bare_weekday: "), std::string::npos);
    EXPECT_NE(quartz.out.find("dialects_differ: "), std::string::npos);
    const auto never = cron({"lint", "0 0 30 2 *"});
    EXPECT_EQ(never.code, 1);
    EXPECT_NE(never.out.find("never_fires: "), std::string::npos);
}

TEST(cron_command, describe_speaks_english) {
    EXPECT_EQ(cron({"describe", "0 0/10 * * * ?"}).out, "Every 10 minutes\n");
}

}  // namespace
}  // namespace holdfast::test
