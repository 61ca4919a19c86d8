// The configuration file: what is read, and what stops the start with file and line.
#include "cli/config/config.hpp"

#include "cli/command.hpp"
#include "support/child_process.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

namespace holdfast::cli {
namespace {

class config_file : public testing::Test {
protected:
    config read(const std::string& text) {
        std::ofstream(path()) << text;
        return read_config(path());
    }
    /// "LINE: message" of the refusal; empty when the text is accepted.
    std::string refusal(const std::string& text) {
        try {
            read(text);
            return "";
        } catch (const command_failure& failure) {
            EXPECT_EQ(failure.code(), exit_code::usage);
            EXPECT_TRUE(failure.line().starts_with(path() + ":")) << failure.line();
            return failure.line().substr(path().size() + 1);
        }
    }
    std::string path() const { return folder_.path() + "/holdfast.yaml"; }
    const std::string& folder() const { return folder_.path(); }

private:
    test::temporary_folder folder_;
};

const std::string secret(64, 's');

TEST_F(config_file, reads_the_articles_keys) {
    const auto read_back =
        read("jwt: { secret: " + secret +
             ", jwt_ttl: 43200, jwt_blacklist_grace_period: 10, refresh_grace_period: 43200 }\n");
    EXPECT_EQ(read_back.jwt.secret.reveal(), secret);
    EXPECT_EQ(read_back.jwt.ttl, hours{12});
    EXPECT_EQ(read_back.jwt.grace_period, seconds{10});
    EXPECT_EQ(read_back.jwt.refresh_window, hours{12});
}

TEST_F(config_file, reads_every_section) {
    const auto all = read(R"(
data: state
http: { listen: "[::1]:9000", threads: 2 }
store: { url: "redis://127.0.0.1:7000/1", prefix: "x:", call_timeout: 500ms }
jwt: { jwt_ttl: 1h, refresh_grace_period: 10m, retire: mint }
guards:
  app: { users: { sqlite: users.db, table: members }, registration: open }
  admin: { users: { sqlite: users.db, table: admins }, jwt_ttl: 5m }
revocation: { mode: strict }
same_token: { token_name: Authorization, interval: 10m }
jobs:
  - { name: same-token-refresh, cron: "0 0/10 * * * ?", run: { same_token: rotate } }
  - { name: nightly, cron: "30 2 * * *", zone: Asia/Shanghai,
      run: { command: [./report.sh, -v], timeout: 30m } }
  - { name: ping, every: 10s, misfire: skip, run: { http: { url: "http://127.0.0.1:1/x", method: GET } } }
compat: { http_200: true }
shutdown_grace: 5s
log: { level: debug, format: json }
)");
    EXPECT_EQ(all.data_folder, folder() + "/state");
    EXPECT_EQ(all.http.address, "::1");
    EXPECT_EQ(all.http.port, 9000);
    EXPECT_EQ(all.store.prefix, "x:");
    EXPECT_TRUE(all.jwt.retire_at_mint);
    ASSERT_EQ(all.guards.size(), 2u);
    EXPECT_EQ(all.guards[0].name, "app");
    EXPECT_EQ(all.guards[0].location, folder() + "/users.db");
    EXPECT_TRUE(all.guards[0].registration_open);
    EXPECT_EQ(all.guards[1].ttl, minutes{5});
    EXPECT_TRUE(all.revocation.strict);
    EXPECT_EQ(all.same_token.token_name, "Authorization");
    ASSERT_EQ(all.jobs.size(), 3u);
    EXPECT_EQ(all.jobs[0].run.what, run_config::kind::same_token);
    EXPECT_EQ(all.jobs[1].run.command, (std::vector<std::string>{"./report.sh", "-v"}));
    EXPECT_EQ(all.jobs[1].timeout, minutes{30});
    EXPECT_EQ(all.jobs[2].schedule, "@every 10s");
    EXPECT_EQ(all.jobs[2].misfire, job_config::misfire_policy::skip);
    EXPECT_TRUE(all.always_http_200);
    EXPECT_EQ(all.shutdown_grace, seconds{5});
}

TEST_F(config_file, an_empty_file_is_the_default) {
    const auto defaults = read("");
    ASSERT_EQ(defaults.guards.size(), 1u);
    EXPECT_EQ(defaults.guards[0].name, "app");
    EXPECT_TRUE(defaults.guards[0].registration_open);
    EXPECT_EQ(defaults.jwt.ttl, hours{12});
}

TEST_F(config_file, secrets_come_from_files_and_the_environment) {
    std::ofstream(folder() + "/key") << secret << '\n';
    EXPECT_EQ(read("jwt: { secret: { file: key } }\n").jwt.secret.reveal(), secret);
    setenv("HOLDFAST_TEST_SECRET", secret.c_str(), 1);
    EXPECT_EQ(read("jwt: { secret: { env: HOLDFAST_TEST_SECRET } }\n").jwt.secret.reveal(), secret);
    EXPECT_NE(refusal("jwt: { secret: { env: HOLDFAST_NOT_SET } }\n"), "");
    EXPECT_NE(refusal("jwt: { secret: { file: missing } }\n"), "");
}

struct bad {
    const char* text;
    const char* says;  // "LINE: " and words of the message
};

class config_refuses : public config_file, public testing::WithParamInterface<bad> {};

TEST_P(config_refuses, what_is_impossible) {
    const auto& [text, says] = GetParam();
    const auto line = refusal(text);
    const auto expected = std::string(says);
    const auto words = expected.substr(expected.find(' ') + 1);
    EXPECT_TRUE(line.starts_with(expected.substr(0, expected.find(' ')))) << text << "\n" << line;
    EXPECT_NE(line.find(words), std::string::npos) << text << "\n" << line;
}

INSTANTIATE_TEST_SUITE_P(
    table, config_refuses,
    testing::Values(
        bad{"jwt:\n  jwt_tll: 5\n", "2: unknown key jwt.jwt_tll"},
        bad{"nonsense: 1\n", "1: unknown key nonsense"}, bad{"- a\n- b\n", "1: must be a mapping"},
        bad{"jwt: 5\n", "1: must be a mapping"},
        bad{"jwt: { jwt_ttl: 5 }\njwt: { jwt_ttl: 6 }\n", "2: given twice"},
        bad{"a: [\n", "2: not YAML"},
        bad{"jwt: { jwt_ttl: banana }\n", "1: jwt.jwt_ttl is \"banana\"; allowed"},
        bad{"jwt: { jwt_ttl: -5 }\n", "1: allowed"}, bad{"jwt: { jwt_ttl: 0 }\n", "1: allowed"},
        bad{"jwt: { jwt_ttl: 1500ms }\n", "1: whole seconds"},
        bad{"jwt: { jwt_ttl: [1] }\n", "1: single value"},
        bad{"jwt: { secret: short }\n", "1: fewer than 32 bytes"},
        bad{"jwt: { jwt_ttl: 10, refresh_grace_period: 11 }\n", "1: longer than jwt_ttl"},
        bad{"jwt: { jwt_ttl: 10, jwt_blacklist_grace_period: 10 }\n",
            "1: not shorter than jwt_ttl"},
        bad{"jwt: { retire: never }\n", "1: allowed: confirm, mint"},
        bad{"http: { listen: 8440 }\n", "1: HOST:PORT"},
        bad{"http: { listen: \"127.0.0.1:99999\" }\n", "1: HOST:PORT"},
        bad{"http: { threads: 1000 }\n", "1: 0 to 256"},
        bad{"store: { prefix: \"a{b\" }\n", "1: without spaces or braces"},
        bad{"guards: { \"a b\": {} }\n", "1: guard's name"},
        bad{"guards:\n  app: { users: { table: \"x; drop\" } }\n", "2: SQL identifier"},
        bad{"guards:\n  app: { registration: maybe }\n", "2: allowed: open, closed"},
        bad{"same_token: { interval: 0s }\n", "1: allowed"},
        bad{"same_token: { interval: 2s, activate_delay: 3s }\n", "1: not shorter"},
        bad{"jobs: 5\n", "1: must be a list"},
        bad{"jobs:\n  - { cron: \"* * * * *\", run: { command: [a] } }\n", "2: name is missing"},
        bad{"jobs:\n  - { name: a, run: { command: [a] } }\n", "2: cron, every, at"},
        bad{"jobs:\n  - { name: a, cron: \"* * * *\", run: { command: [a] } }\n", "2: no schedule"},
        bad{"jobs:\n  - { name: a, cron: \"61 * * * *\", run: { command: [a] } }\n",
            "2: no schedule"},
        bad{"jobs:\n  - { name: a, cron: \"* * * * *\", zone: Mars/Base, run: { command: [a] } }\n",
            "2: time zone"},
        bad{"jobs:\n  - { name: a, cron: \"* * * * *\" }\n", "2: exactly one of"},
        bad{"jobs:\n  - { name: a, cron: \"* * * * *\", run: { command: [a], same_token: rotate } "
            "}\n",
            "2: exactly one of"},
        bad{"jobs:\n  - { name: a, cron: \"* * * * *\", run: { command: [] } }\n",
            "2: list of the program"},
        bad{"jobs:\n  - { name: a, every: 1s, run: { command: [a] } }\n  - { name: a, every: 1s, "
            "run: { command: [a] } }\n",
            "3: second time"},
        bad{"jobs:\n  - { name: a, every: 1s, run: { http: { url: ftp://x } } }\n", "2: http://"},
        bad{"log: { level: loud }\n", "1: allowed: debug"},
        bad{"shutdown_grace: 2h\n", "1: allowed"}));

TEST_F(config_file, a_refusal_is_one_line_whatever_it_quotes) {
    for (const auto* text : {"a: \"\\\n", "\"two\\nlines\": 1\n", "log: { level: \"a\\nb\" }\n",
                             "http: { listen: \"\\x01\\t\" }\n"}) {
        const auto told = refusal(text);
        EXPECT_FALSE(told.empty()) << text;
        EXPECT_EQ(told.find_first_of("\n\t\x01"), told.npos) << told;
    }
}

TEST(config, a_missing_file_is_named) {
    try {
        read_config("no/such/file.yaml");
        FAIL();
    } catch (const command_failure& failure) {
        EXPECT_EQ(failure.code(), exit_code::usage);
        EXPECT_NE(failure.line().find("no/such/file.yaml"), std::string::npos);
    }
}

}  // namespace
}  // namespace holdfast::cli
