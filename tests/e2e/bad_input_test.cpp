// Bad input of every kind against the real program: one defined answer each, and it stays up.
#include "base/encode.hpp"
#include "e2e/daemon.hpp"
#include "http/bad_requests.hpp"
#include "support/redis_server.hpp"
#include "token/jws/jws.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

namespace holdfast::test {
namespace {

constexpr std::string_view secret = "0123456789abcdef0123456789abcdef";

std::string config() {
    return "jwt: { secret: " + std::string(secret) +
           " }\nguards: { app: { registration: open }, admin: { registration: open } }\n";
}

class bad_input : public testing::Test {
protected:
    daemon node_{config()};
    std::string good_ = node_.sign_in("ada", true);

    void TearDown() override {
        EXPECT_TRUE(node_.process().running());
        EXPECT_EQ(node_.check(good_), 200);
    }
};

std::vector<bad_request> all_bad_requests() {
    std::vector<bad_request> all;
    for (auto* table : {&smuggling, &request_lines, &chunks, &too_large})
        for (auto& one : table()) all.push_back(std::move(one));
    return all;
}

TEST_F(bad_input, requests_that_break_http_are_refused_while_slow_senders_wait_for_their_end) {
    raw_http slow_head(node_.port());
    slow_head.send("GET /healthz HTTP/1.1\r\nHost: h\r\n");
    for (const auto& [what, bytes, status] : all_bad_requests()) {
        SCOPED_TRACE(what);
        raw_http connection(node_.port());
        connection.send(bytes);
        connection.half_close();
        const auto answer = connection.receive();
        EXPECT_EQ(answer.status, status);
        EXPECT_EQ(answer.field("Connection"), "close");
        EXPECT_TRUE(connection.at_end()) << "something was served after a refusal";
    }
    EXPECT_EQ(slow_head.receive().status, 408);
    EXPECT_TRUE(slow_head.at_end());
}

TEST_F(bad_input, authorization_of_every_wrong_shape) {
    const struct {
        std::vector<std::string> values;
        int gate;  // /authz/*: nothing but 401 makes a gateway refuse
        int api;   // /api/auth/*
    } table[] = {
        {{}, 401, 401},
        {{""}, 401, 401},
        {{"B"}, 401, 401},
        {{"Be"}, 401, 401},
        {{"Bea"}, 401, 401},
        {{"Bear"}, 401, 401},
        {{"Beare"}, 401, 401},
        {{"Bearer"}, 401, 401},
        {{"Bearer "}, 401, 401},
        {{"Bearerx"}, 401, 401},
        {{"Bearer x"}, 401, 401},
        {{"Basic YTpi"}, 401, 401},
        {{"Digest a=b"}, 401, 401},
        {{good_}, 401, 401},
        {{"Bearer " + good_ + " x"}, 401, 401},
        {{"Bearer " + good_ + ", Bearer " + good_}, 401, 400},
        {{"Bearer " + good_, "Bearer " + good_}, 401, 400},
        {{"Basic YTpi", "Bearer " + good_}, 401, 400},
        {{"Bearer " + std::string(9'000, 'a')}, 401, 401},
        {{"Bearer " + std::string(65'536, 'a')}, 431, 431},
    };
    for (const auto& [values, gate, api] : table) {
        SCOPED_TRACE(values.empty() ? "none" : values[0].substr(0, 40));
        std::vector<std::string> fields;
        for (const auto& value : values) fields.push_back("Authorization: " + value);
        EXPECT_EQ(node_.get("/authz/auth-request", fields).status, gate);
        EXPECT_EQ(node_.get("/authz/forward-auth", fields).status, gate);
        EXPECT_EQ(node_.post("/api/auth/info", "", fields).status, api);
        EXPECT_EQ(node_.post("/api/auth/logout", "", fields).status, api);
    }
}

// A token of the daemon's own key whose payload is made to order.
std::string signed_payload(std::string payload, jws_algorithm algorithm = jws_algorithm::hs256) {
    auto key = jws_key::from_secret(std::string(secret) + std::string(secret), algorithm);
    if (algorithm == jws_algorithm::hs256) key = jws_key::from_secret(secret, algorithm);
    return sign_jws(*key, payload).value();
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const auto at = text.find(from);
    if (at == text.npos) throw std::runtime_error("no " + from + " in " + text);
    return text.replace(at, from.size(), to);
}

std::string with_number(const std::string& payload, const std::string& member, long number) {
    const auto start = payload.find("\"" + member + "\":") + member.size() + 3;
    const auto end = payload.find_first_of(",}", start);
    return payload.substr(0, start) + std::to_string(number) + payload.substr(end);
}

TEST_F(bad_input, tokens_that_are_not_ours_live_and_for_this_guard) {
    const auto payload = claims_of(good_);
    const auto first = good_.find('.');
    const auto second = good_.find('.', first + 1);
    const auto body = good_.substr(first, second - first);
    auto respelled = good_;
    respelled.back() = static_cast<char>(respelled.back() + 1);  // unused bits of the last digit
    const auto header = [](std::string_view json) { return base64url_encode(json); };
    const std::pair<const char*, std::string> table[] = {
        {"truncated", good_.substr(0, good_.size() - 1)},
        {"half", good_.substr(0, good_.size() / 2)},
        {"no signature", good_.substr(0, second + 1)},
        {"two segments", good_.substr(0, second)},
        {"five segments", good_ + ".a.b"},
        {"padded", good_ + "="},
        {"respelled", respelled},
        {"standard alphabet", "+" + good_.substr(1)},
        {"alg none", header(R"({"alg":"none","typ":"JWT"})") + body + "."},
        {"alg None", header(R"({"alg":"None","typ":"JWT"})") + body + "."},
        {"alg swapped in the header",
         header(R"({"alg":"HS512","typ":"JWT"})") + good_.substr(first)},
        {"signed with HS512", signed_payload(payload, jws_algorithm::hs512)},
        {"alg twice", header(R"({"alg":"HS256","alg":"none"})") + good_.substr(first)},
        {"crit", header(R"({"alg":"HS256","crit":["exp"]})") + good_.substr(first)},
        {"expired", signed_payload(with_number(payload, "exp", 1'000'000'000))},
        {"from the future", signed_payload(with_number(payload, "iat", 4'000'000'000))},
        {"lives for ever", signed_payload(with_number(payload, "exp", 4'000'000'000))},
        {"exp as text", signed_payload(replaced(payload, "\"exp\":", "\"exp\":\"1\",\"x\":"))},
        {"without exp", signed_payload(replaced(payload, "\"exp\"", "\"exq\""))},
        {"without sid", signed_payload(replaced(payload, "\"sid\"", "\"sie\""))},
        {"another guard's",
         signed_payload(replaced(payload, R"("iss":"app")", R"("iss":"admin")"))},
        {"of nobody's session", signed_payload(replaced(payload, "\"sid\":\"", "\"sid\":\"x"))},
        {"a duplicate member", signed_payload(replaced(payload, "{", R"({"iss":"app",)"))},
        {"not JSON", signed_payload("x")},
        {"an array", signed_payload("[" + payload + "]")},
        {"too deep",
         signed_payload(replaced(payload, "{",
                                 "{\"x\":" + std::string(500, '[') + std::string(500, ']') + ","))},
    };
    for (const auto& [what, token] : table) {
        EXPECT_EQ(node_.check(token), 401) << what;
        EXPECT_EQ(node_.post("/api/auth/info", "", {bearer(token)}).status, 401) << what;
    }
    EXPECT_EQ(node_.get("/authz/auth-request?guard=admin", {bearer(good_)}).status, 401);
    EXPECT_EQ(node_.check(signed_payload(payload)), 200) << "the control: the same claims again";
}

TEST_F(bad_input, json_bodies) {
    const std::string both = R"("account":"eve","password":"correct horse")";
    const std::string deep =
        "{" + both + ",\"x\":" + std::string(5'000, '[') + std::string(5'000, ']') + "}";
    const std::pair<std::string, int> table[] = {
        {"", 400},
        {"account=eve&password=x", 400},
        {"null", 400},
        {"[]", 400},
        {"\"eve\"", 400},
        {"{" + both, 400},
        {"{" + both + "} {}", 400},
        {"{" + both + R"(,"account":"bob"})", 400},
        {"{\"account\":\"\xff\",\"password\":\"correct horse\"}", 400},
        {deep, 400},
        {"{}", 422},
        {R"({"account":"eve"})", 422},
        {R"({"password":"correct horse"})", 422},
        {R"({"account":1,"password":"correct horse"})", 422},
        {R"({"account":"eve","password":["correct horse"]})", 422},
        {R"({"account":"","password":"correct horse"})", 422},
        {R"({"account":")" + std::string(10'000, 'e') + R"(","password":"correct horse"})", 422},
        {"{" + both + ",\"x\":\"" + std::string(70'000, 'x') + "\"}", 413},
    };
    for (const auto& [body, status] : table)
        for (const char* path : {"/api/auth/register", "/api/auth/login"})
            EXPECT_EQ(node_.post(path, body).status, status) << path << " " << body.substr(0, 60);
    EXPECT_EQ(node_.post("/api/auth/login", "{" + both + "}").status, 401) << "nobody was made";
}

TEST(bad_configuration, stops_the_start_with_one_line_that_names_the_place) {
    temporary_folder folder;
    const auto file = folder.path() + "/holdfast.yaml";
    const std::pair<const char*, const char*> table[] = {
        {"jwt:\n  jwt_tll: 5\n", ":2: unknown key jwt.jwt_tll"},
        {"http: [1]\n", ":1: "},
        {"jwt: { secret: short }\n", ":1: jwt.secret"},
        {"jwt: { jwt_ttl: 10, refresh_grace_period: 11 }\n", ":1: "},
        {"jwt: { jwt_ttl: -1 }\n", ":1: "},
        {"http: { listen: nowhere }\n", ":1: "},
        {"guards: { app: { users: { mysql: \"mysql://h/db\" } } }\n",
         ":1: guards.app.users.mysql is not supported"},
        {"jobs:\n  - { name: a, cron: \"61 * * * *\", run: { command: [a] } }\n", ":2: "},
        {"jobs:\n  - { name: \"a{b\", every: 1s, run: { command: [a] } }\n", ":2: "},
        {"store: { url: \"ftp://h\" }\n", "ftp://h"},
        {"a: [\n", ": not YAML"},
    };
    for (const auto& [yaml, says] : table) {
        std::ofstream(file) << yaml;
        auto ended = run_to_end({HOLDFAST_PROGRAM, "serve", "-c", file, "--data",
                                 folder.path() + "/d", "--listen", "127.0.0.1:0"});
        EXPECT_EQ(ended.wait_code(), 2) << yaml << ended.err();
        EXPECT_NE(ended.err().find(says), std::string::npos) << yaml << ended.err();
        EXPECT_EQ(std::ranges::count(ended.err(), '\n'), 1) << ended.err();
        EXPECT_EQ(ended.out(), "");
    }
}

TEST(bad_locks, names_and_spans_are_refused_before_anything_is_stored) {
    redis_server redis;
    redis.cli({"HSET", "hash", "f", "v"});
    const struct {
        std::vector<std::string> words;
        int code;
    } table[] = {
        {{"run", "", "--", "true"}, 2},
        {{"run", std::string(10'000, 'n'), "--", "true"}, 2},
        {{"run", "a\nb", "--", "true"}, 2},
        {{"run", "a\tb", "--", "true"}, 2},
        {{"run", "a{b", "--", "true"}, 2},
        {{"run", "a}b", "--", "true"}, 2},
        {{"run", "{}", "--", "true"}, 2},
        {{"run", "{a}{b}", "--", "true"}, 2},
        {{"run", "n", "--ttl", "-1s", "--", "true"}, 2},
        {{"run", "n", "--ttl", "0s", "--", "true"}, 2},
        {{"run", "n", "--ttl", "1ms", "--", "true"}, 2},
        {{"run", "n", "--ttl", "", "--", "true"}, 2},
        {{"run", "n", "--ttl", "1e3s", "--", "true"}, 2},
        {{"run", "n", "--ttl", "9223372036854775807h", "--", "true"}, 2},
        {{"run", "n", "--ttl", "99999999999999999999999s", "--", "true"}, 2},
        {{"run", "n", "--wait", "-5s", "--", "true"}, 2},
        {{"run", "hash", "--no-wait", "--", "true"}, 1},
        {{"lock", "show", ""}, 2},
        {{"lock", "show", std::string(10'000, 'n')}, 2},
        {{"lock", "break", "a\nb"}, 2},
        {{"lock", "break", "a{b"}, 2},
        {{"lock", "break", "hash"}, 1},
    };
    for (const auto& [words, code] : table) {
        std::vector<std::string> argv{HOLDFAST_PROGRAM};
        argv.insert(argv.end(), words.begin(), words.end());
        auto ended =
            run_to_end(std::move(argv), {.environment = {{"HOLDFAST_STORE", redis.url()}}});
        std::string what;
        for (const auto& word : words) what += word.substr(0, 20) + " ";
        EXPECT_EQ(ended.wait_code(), code) << what << ended.err().substr(0, 200);
        EXPECT_EQ(std::ranges::count(ended.err(), '\n'), 1) << what << ended.err().substr(0, 400);
    }
    EXPECT_EQ(redis.cli({"HGET", "hash", "f"}), "v");
    EXPECT_EQ(redis.cli({"EXISTS", "n"}), "0");
}

}  // namespace
}  // namespace holdfast::test
