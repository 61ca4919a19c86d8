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
        bad{"guards:\n  app: { users: { table: \"x; drop\" } }\n", "2: allowed: 1 to 64 letters"},
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

INSTANTIATE_TEST_SUITE_P(
    what_only_fits_alone, config_refuses,
    testing::Values(
        bad{"jwt: { secret: \"\" }\n", "1: is empty"},
        bad{"jwt:\n  secret: { file: . }\n", "2: cannot read"},
        bad{"jwt:\n  max_session: 1\n", "2: shorter than jwt_ttl"},
        bad{"oauth2:\n  clients: { gate: \"\" }\n", "2: is empty"},
        bad{"guards:\n  app: { jwt_ttl: 5, refresh_grace_period: 6 }\n", "2: at most that"},
        bad{"guards:\n  app: { refresh_grace_period: 43201 }\n", "2: at most that"},
        bad{"guards:\n  app: { jwt_ttl: 1500ms }\n", "2: whole seconds"},
        bad{"jwt: { jwt_blacklist_grace_period: 60 }\nguards:\n  app: { jwt_ttl: 60 }\n",
            "3: give more"},
        bad{"jwt: { max_session: 1d }\nguards:\n  app: { jwt_ttl: 2d }\n", "3: at most that"},
        bad{"guards:\n  a: { users: { table: t } }\n  b: { users: { table: t } }\n",
            "3: a table of its own"},
        bad{"http:\n  listen: \"localhost:80\"\n", "2: numeric address"},
        bad{"http:\n  trusted_proxies: [10.0.0.1, 10.0.0.0/8]\n", "2: 10.0.0.0/8"},
        bad{"http:\n  trusted_proxies: [gateway]\n", "2: numeric addresses"},
        bad{"store:\n  url: \"\"\n", "2: is empty"},
        bad{"store:\n  url: \"ftp://h\"\n", "2: is no store"},
        bad{"store:\n  url: \"redis://h:99999/0\"\n", "2: the port"},
        bad{"store:\n  url: \"redis://h/x\"\n", "2: the database"},
        bad{"store:\n  url: \"memory:?size=1\"\n", "2: max_memory"},
        bad{"same_token:\n  token_name: \"\"\n", "2: 1 to 64 bytes"},
        bad{"same_token:\n  interval: 1500ms\n", "2: whole seconds"},
        bad{"same_token:\n  overlap: 0\n", "2: allowed"},
        bad{"same_token:\n  overlap: 5m\n", "2: half the interval, 5m"},
        bad{"same_token:\n  interval: 10s\n  activate_delay: 4s\n", "3: half the interval, 5s"}));

INSTANTIATE_TEST_SUITE_P(
    jobs_that_cannot_be, config_refuses,
    testing::Values(
        bad{"jobs:\n  - { name: a, cron: \"0 0 30 2 *\", run: { command: [a] } }\n",
            "2: never fires"},
        bad{"jobs:\n  - { name: a, every: 100ms, run: { command: [a] } }\n", "2: from 1s"},
        bad{"jobs:\n  - { name: a, every: 1s, run: { command: [a, \"b\\0c\"] } }\n", "2: NUL"},
        bad{"jobs:\n  - { name: a, every: 1s, run: { command: [a], env: { \"A=B\": c } } }\n",
            "2: environment"},
        bad{"jobs:\n  - { name: a, every: 1s, run: { http: { url: \"http://\" } } }\n", "2: HOST"},
        bad{"jobs:\n  - { name: a, every: 1s, run: { http: { url: \"http://h:70000/\" } } }\n",
            "2: HOST"},
        bad{"jobs:\n  - { name: a, every: 1s, run: { http: { url: \"http://h/a b\" } } }\n",
            "2: without spaces"},
        bad{"jobs:\n  - { name: a, every: 1s, run: { http: { url: \"http://h/\",\n      headers: "
            "{ \"a b\": c } } } }\n",
            "3: is no header"},
        bad{"jobs:\n  - { name: a, every: 1s, run: { http: { url: \"http://h/\",\n      headers: "
            "{ a: \"b\\r\\nc: d\" } } } }\n",
            "3: is no header"},
        bad{"jobs:\n  - { name: a, every: 1s, run: { command: [a] }, colour: red }\n",
            "2: allowed: name, every, cron, at, dialect"}));

// A rotation that is faster than the defaults allow has faster steps, not an impossible file.
TEST_F(config_file, times_of_the_same_token_that_are_not_given_fit_the_interval) {
    for (const auto* interval : {"1s", "2s", "10s", "1m", "10m", "1d"}) {
        const auto same =
            read("same_token: { interval: " + std::string(interval) + " }\n").same_token;
        EXPECT_LE(same.activate_delay + same.overlap, same.interval / 2) << interval;
        EXPECT_GT(same.activate_delay, milliseconds{0}) << interval;
        EXPECT_GT(same.overlap, milliseconds{0}) << interval;
    }
    EXPECT_EQ(read("same_token: { interval: 10m }\n").same_token, same_token_config{});
}

// Adding a guard must not move the users of another.
TEST_F(config_file, the_table_of_a_guard_does_not_depend_on_the_others) {
    const auto table_of = [](const config& from, std::string_view name) {
        for (const auto& guard : from.guards)
            if (guard.name == name) return guard.table;
        return std::string("none");
    };
    const auto one = read("guards: { app: {} }\n");
    const auto more = read("guards: { back-office: {}, app: {}, web: { users: { table: w } } }\n");
    EXPECT_EQ(table_of(one, "app"), "users");
    EXPECT_EQ(table_of(more, "app"), "users");
    EXPECT_EQ(table_of(more, "back-office"), "users_back_office");
    EXPECT_EQ(table_of(more, "web"), "w");
}

TEST_F(config_file, relative_paths_of_the_store_start_at_its_folder) {
    const auto url = [this](const std::string& given) {
        return read("store: { url: \"" + given + "\" }\n").store.url;
    };
    EXPECT_EQ(url("embedded:state/x?max_memory=2mb"),
              "embedded:" + folder() + "/state/x?max_memory=2mb");
    EXPECT_EQ(url("embedded:/abs"), "embedded:/abs");
    EXPECT_EQ(url("memory:"), "memory:");
    EXPECT_EQ(url("redis://h:1/0?timeout=5"), "redis://h:1/0?timeout=5");
    EXPECT_EQ(url("rediss://h/0?ca=a.pem&timeout=5&cert=/b.pem&key=c/d.pem"),
              "rediss://h/0?ca=" + folder() + "/a.pem&timeout=5&cert=/b.pem&key=" + folder() +
                  "/c/d.pem");
}

TEST_F(config_file, addresses_are_compared_as_sockets_print_them) {
    const auto http =
        read("http: { listen: \"[0:0::1]:1\", trusted_proxies: [\"FD00::0:1\"] }\n").http;
    EXPECT_EQ(http.address, "::1");
    EXPECT_EQ(http.trusted_proxies, std::vector<std::string>{"fd00::1"});
}

TEST_F(config_file, a_refusal_is_one_line_whatever_it_quotes) {
    for (const auto* text : {"a: \"\\\n", "\"two\\nlines\": 1\n", "log: { level: \"a\\nb\" }\n",
                             "http: { listen: \"\\x01\\t\" }\n"}) {
        const auto told = refusal(text);
        EXPECT_FALSE(told.empty()) << text;
        EXPECT_EQ(told.find_first_of("\n\t\x01"), told.npos) << told;
    }
}

TEST(config, a_file_that_cannot_be_read_is_named) {
    for (const std::string path : {"no/such/file.yaml", "/"}) {
        try {
            read_config(path);
            FAIL() << path;
        } catch (const command_failure& failure) {
            EXPECT_EQ(failure.code(), exit_code::usage);
            EXPECT_TRUE(failure.line().starts_with(path)) << failure.line();
        }
    }
}

}  // namespace
}  // namespace holdfast::cli
