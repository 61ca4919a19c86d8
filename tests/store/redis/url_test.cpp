// Store urls: what each part means and what is refused.
#include "store/redis/redis_options.hpp"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

TEST(redis_url, reads_every_part) {
    const auto read = parse_redis_url(
        "rediss://al%3Aice:p%40s%2Fs@redis.example:6380/12?ca=/etc/ca.pem&cert=c.pem&key=k.pem"
        "&server_name=inner&timeout=750&connect_timeout=90&prefix=app%3A");
    ASSERT_TRUE(read.has_value());
    EXPECT_TRUE(read->tls);
    EXPECT_EQ(read->user, "al:ice");
    EXPECT_EQ(read->password.reveal(), "p@s/s");
    EXPECT_EQ(read->host, "redis.example");
    EXPECT_EQ(read->port, 6380);
    EXPECT_EQ(read->database, 12u);
    EXPECT_EQ(read->ca_file, "/etc/ca.pem");
    EXPECT_EQ(read->certificate_file, "c.pem");
    EXPECT_EQ(read->key_file, "k.pem");
    EXPECT_EQ(read->server_name, "inner");
    EXPECT_EQ(read->call_timeout, milliseconds{750});
    EXPECT_EQ(read->connect_timeout, milliseconds{90});
    EXPECT_EQ(read->prefix, "app:");
    EXPECT_EQ(read->address(), "redis.example:6380/12");
    const auto copy = read->clone();
    EXPECT_EQ(copy.password.reveal(), "p@s/s");
    EXPECT_EQ(copy.server_name, "inner");
    EXPECT_EQ(copy.prefix, "app:");
}

TEST(redis_url, fills_in_defaults) {
    const auto read = parse_redis_url("redis://host");
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->port, 6379);
    EXPECT_EQ(read->database, 0u);
    EXPECT_EQ(read->prefix, "hf:");
    EXPECT_FALSE(read->tls);
    EXPECT_TRUE(read->password.empty());
    EXPECT_EQ(parse_redis_url("redis://host?")->prefix, "hf:");
    EXPECT_EQ(parse_redis_url("redis://host/")->database, 0u);
    EXPECT_EQ(parse_redis_url("redis://:pw@host")->user, "");
    EXPECT_EQ(parse_redis_url("redis://u:p@w@host")->password.reveal(), "p@w");
}

TEST(redis_url, reads_ipv6_between_brackets) {
    const auto read = parse_redis_url("redis://[::1]:7000/2");
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->host, "::1");
    EXPECT_EQ(read->port, 7000);
    EXPECT_EQ(read->address(), "[::1]:7000/2");
    EXPECT_EQ(parse_redis_url("redis://[fe80::1]")->port, 6379);
}

TEST(redis_url, refuses_what_is_wrong_and_says_why) {
    const char* wrong[] = {
        "",
        "redis",
        "redis:",
        "http://host",
        "REDIS://host",
        "redis://",
        "redis:///1",
        "redis://:6379",
        "redis://host:",
        "redis://host:0",
        "redis://host:65536",
        "redis://host:6379x",
        "redis://host:-1",
        "redis://host:99999999999999999999",
        "redis://host/x",
        "redis://host/-1",
        "redis://host/1/2",
        "redis://host/70000",
        "redis://::1",
        "redis://[::1",
        "redis://[::1]x",
        "redis://[host]",
        "redis://secret@host",
        "redis://user:@host",
        "redis://us%er:pw@host",
        "redis://user:pw%2@host",
        "redis://user:pw%zz@host",
        "redis://ho st",
        "redis://host\n",
        "redis://host#x",
        "redis://host?ca=/x",
        "redis://host?nothing=1",
        "redis://host?timeout",
        "redis://host?timeout=",
        "redis://host?timeout=0",
        "redis://host?timeout=2s",
        "redis://host?timeout=600001",
        "redis://host?prefix=a%7Bb",
        "rediss://host?cert=c.pem",
        "rediss://host?key=k.pem",
        "rediss://host?ca=",
    };
    for (const auto* url : wrong) {
        std::string why;
        const auto read = parse_redis_url(url, &why);
        ASSERT_FALSE(read.has_value()) << url;
        EXPECT_EQ(read.error(), errc::invalid_argument) << url;
        EXPECT_GT(why.size(), 10u) << url;
        EXPECT_EQ(why.find("secret"), why.npos) << why;
    }
}

}  // namespace
}  // namespace holdfast
