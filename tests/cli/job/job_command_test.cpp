// `holdfast job …` against a real daemon on a real Redis: what each subcommand prints.
#include "e2e/daemon.hpp"
#include "support/redis_server.hpp"
#include "support/wait.hpp"

#include <gtest/gtest.h>

#include <regex>

namespace holdfast::test {
namespace {

constexpr auto jobs = R"(
jobs:
  - { name: hello, cron: "@manually", run: { command: [sh, -c,
      echo $HOLDFAST_JOB $HOLDFAST_FIRE_TIME $HOLDFAST_FENCE $HOLDFAST_ATTEMPT $HOLDFAST_STORE] } }
  - { name: broken, cron: "@manually", run: { command: [sh, -c, "echo oh no >&2; exit 3"] } }
  - { name: tick, every: 1s, run: { command: ["true"] } }
)";

class job_command : public testing::Test {
protected:
    struct answer {
        int code;
        std::string out;
        std::string err;
    };
    answer job(std::vector<std::string> words) const {
        std::vector<std::string> argv{HOLDFAST_PROGRAM, "job"};
        argv.insert(argv.end(), words.begin(), words.end());
        argv.insert(argv.end(), {"--store", redis_.url()});
        auto done = run_to_end(std::move(argv));
        return {done.wait_code(), done.out(), done.err()};
    }
    bool says(const std::vector<std::string>& words, const std::string& pattern) const {
        return std::regex_search(job(words).out, std::regex(pattern));
    }
    /// Asks for a run and waits until the history knows how it ended; its id.
    std::string run_to_its_end(const std::string& name) const {
        const auto id = json_text(job({"run", name, "--json"}).out, "run");
        EXPECT_TRUE(wait_until([&] { return says({"history", name, "--json"}, id); })) << id;
        return id;
    }
    std::string last_fire_time(const std::string& name) const {
        return json_text(job({"history", name, "-n", "1", "--json"}).out, "fire_time");
    }

    redis_server redis_;
    daemon node_{"store: { url: \"" + redis_.url() + "\" }\n" + jobs};
};

TEST_F(job_command, ls_and_show_tell_what_is_registered) {
    const auto all = job({"ls"});
    EXPECT_EQ(all.code, 0);
    for (const char* line : {"broken  @manually  UTC", "hello  @manually  UTC",
                             "same-token-refresh  @every 10m", "tick  @every 1s"})
        EXPECT_NE(all.out.find(line), std::string::npos) << line << "\n" << all.out;
    const auto json = job({"ls", "--json"}).out;
    EXPECT_TRUE(json.starts_with(R"([{"job":"broken","state":"waiting","definition":{)")) << json;
    const auto shown = job({"show", "hello"});
    EXPECT_EQ(shown.code, 0);
    for (const char* line :
         {"job: hello\n", "schedule: @manually", "state: waiting", "registered: by "})
        EXPECT_NE(shown.out.find(line), std::string::npos) << line << "\n" << shown.out;
    EXPECT_TRUE(says({"show", "hello", "--json"}, R"re("schedule":"@manually")re"));
}

TEST_F(job_command, run_names_the_run_that_history_then_shows_with_its_output) {
    const auto asked = job({"run", "hello"});
    EXPECT_EQ(asked.code, 0);
    std::smatch id;
    ASSERT_TRUE(std::regex_search(asked.out, id, std::regex("^run ([0-9a-f]{32}) is asked for")))
        << asked.out;
    const auto ended = [&] {
        return says({"history", "hello"}, "succeeded.*asked for as " + id.str(1));
    };
    EXPECT_TRUE(wait_until(ended));
    const std::regex output("hello \\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z \\d+ 1 " +
                            redis_.url());
    EXPECT_TRUE(std::regex_search(job({"history", "hello", "--output"}).out, output));
    const auto json = job({"history", "hello", "--json"}).out;
    EXPECT_EQ(json_text(json, "run"), id.str(1)) << json;
    EXPECT_EQ(json_text(json, "kind"), "manual");
    EXPECT_EQ(json_text(json, "outcome"), "succeeded");
    EXPECT_TRUE(std::regex_search(json_text(json, "output"), output)) << json;
}

TEST_F(job_command, history_shows_what_failed_and_how) {
    run_to_its_end("broken");
    const auto text = job({"history", "broken", "--output"}).out;
    EXPECT_TRUE(std::regex_search(text, std::regex("failed  on .* exit 3"))) << text;
    EXPECT_NE(text.find("oh no"), std::string::npos) << text;
    EXPECT_TRUE(says({"history", "broken", "--json"}, R"re("outcome":"failed".*"exit_code":3)re"));
}

TEST_F(job_command, a_pause_is_shown_and_is_no_loss_to_the_audit) {
    ASSERT_TRUE(wait_until([&] { return says({"history", "tick"}, "succeeded"); }));
    EXPECT_EQ(job({"pause", "tick"}).out, "tick is paused\n");
    EXPECT_TRUE(says({"show", "tick"}, "state: paused by \\S+"));
    EXPECT_TRUE(says({"ls"}, "tick .* paused by \\S+"));
    EXPECT_FALSE(says({"show", "tick", "--json"}, R"re("paused_by":null)re"));
    const auto paused_at = last_fire_time("tick");
    let_live(std::chrono::milliseconds{2500});  // two fire times go by
    EXPECT_EQ(last_fire_time("tick"), paused_at);
    EXPECT_EQ(job({"resume", "tick"}).out, "tick goes on\n");
    EXPECT_TRUE(says({"history", "tick"}, "not run: paused by \\S+, since "));
    EXPECT_TRUE(says({"history", "tick", "--json"},
                     R"re("kind":"missed".*"count":null,"reason":"paused")re"));
    ASSERT_TRUE(wait_until([&] { return says({"history", "tick", "-n", "1"}, "succeeded"); }));
    const auto audit = job({"audit", "tick", "--json"});
    EXPECT_EQ(audit.code, 0) << audit.out;
    EXPECT_TRUE(
        std::regex_search(audit.out, std::regex(R"re("twice":0,"lost":0,"missed":[2-4],)re")))
        << audit.out;
    EXPECT_TRUE(says({"audit", "tick"}, "[2-4] not run by policy"));
}

// The folder of the configuration is part of a definition, and no part of a schedule.
TEST_F(job_command, audit_reaches_back_over_definitions_of_one_schedule) {
    ASSERT_TRUE(wait_until([&] { return says({"history", "tick"}, "succeeded"); }));
    const auto from = json_text(job({"audit", "tick", "--json"}).out, "from");
    const auto registered = [&] {
        return json_text(job({"show", "tick", "--json"}).out, "registered_at");
    };
    const auto before = registered();
    const daemon elsewhere("store: { url: \"" + redis_.url() + "\" }\n" + jobs);
    ASSERT_TRUE(wait_until([&] { return registered() != before; }));
    EXPECT_EQ(json_text(job({"audit", "tick", "--json"}).out, "from"), from);
}

TEST_F(job_command, audit_names_what_is_lost) {
    ASSERT_TRUE(wait_until([&] { return says({"history", "tick"}, "succeeded"); }));
    const auto lost = last_fire_time("tick");
    EXPECT_EQ(redis_.cli({"ZREMRANGEBYRANK", "hf:j:{tick}:ledger", "-1", "-1"}), "1");
    const auto ended = [&] {
        return !last_fire_time("tick").empty() && last_fire_time("tick") != lost;
    };
    ASSERT_TRUE(wait_until(ended));
    const auto audit = job({"audit", "tick"});
    EXPECT_EQ(audit.code, 1);
    EXPECT_NE(audit.out.find(" 1 lost"), std::string::npos) << audit.out;
}

TEST_F(job_command, explain_tells_what_became_of_a_fire_time) {
    ASSERT_TRUE(wait_until([&] { return says({"history", "tick"}, "succeeded"); }));
    const auto ran = last_fire_time("tick");
    EXPECT_TRUE(says({"explain", "tick", ran}, "^" + ran + "  succeeded"));
    EXPECT_TRUE(says({"explain", "tick", ran, "--json"}, R"re("fire_time":")re" + ran));
    EXPECT_TRUE(
        says({"explain", "tick", "2000-01-01T00:00:00Z"}, "schedule is newer|not a fire time"));
    EXPECT_TRUE(says({"explain", "tick", "2200-01-01T00:00:00Z"}, "not due yet|not a fire time"));
    EXPECT_TRUE(says({"explain", "hello", ran}, "not a fire time .*never"));
}

struct refusal {
    std::vector<std::string> words;
    int code;
    const char* says;
};

TEST_F(job_command, what_cannot_be_is_refused_in_one_line) {
    const refusal table[] = {
        {{"show", "nobody"}, 1, "no job nobody is registered"},
        {{"run", "nobody"}, 1, "no job nobody"},
        {{"pause", "nobody"}, 1, "no job nobody"},
        {{"history", "nobody"}, 1, "no job nobody"},
        {{"show", "a b"}, 2, "cannot be a job's name"},
        {{"show", "a{b}"}, 2, "cannot be a job's name"},
        {{"show", ""}, 2, "cannot be a job's name"},
        {{"show", std::string(10'000, 'a')}, 2, "cannot be a job's name"},
        {{"explain", "tick", "yesterday"}, 2, "is not an instant"},
        {{"history", "tick", "--since", "-1"}, 2, "is not an instant"},
        {{"history", "tick", "-n", "0"}, 2, ""},
        {{"show"}, 2, ""},
        {{"dance"}, 2, ""},
    };
    for (const auto& [words, code, text] : table) {
        const auto got = job(words);
        EXPECT_EQ(got.code, code) << words[0] << " " << got.err.substr(0, 200);
        EXPECT_NE(got.err.find(text), std::string::npos) << got.err.substr(0, 200);
        EXPECT_EQ(got.out, "");
    }
    redis_.stop();
    const auto away = job({"ls"});
    EXPECT_EQ(away.code, 75) << away.err;
}

}  // namespace
}  // namespace holdfast::test
