// What a script may do, and what happens to one that may not.
#include "store/embedded/engine_fixture.hpp"

namespace holdfast::test {
namespace {

class sandbox : public engine_fixture {};

TEST_F(sandbox, hides_what_reaches_outside) {
    for (const auto* name :
         {"os", "io", "loadstring", "load", "dofile", "loadfile", "require", "package", "debug",
          "jit", "ffi", "setfenv", "getfenv", "newproxy", "print"})
        EXPECT_EQ(lua("return " + std::string(name)).substr(0, 4), "-ERR") << name;
}

TEST_F(sandbox, refuses_unknown_and_new_globals) {
    EXPECT_NE(lua("return nosuch").find("nonexistent global variable 'nosuch'"), std::string::npos);
    EXPECT_NE(lua("x = 1").find("Attempt to modify a readonly table"), std::string::npos);
    EXPECT_NE(lua("_G.x = 1").find("Attempt to modify a readonly table"), std::string::npos);
}

TEST_F(sandbox, keeps_one_script_from_changing_the_next) {
    for (const auto* attack :
         {"string.format = nil", "redis.call = nil", "rawset(string, 'rep', nil)",
          "rawset(_G, 'x', 1)", "setmetatable(_G, nil)", "getmetatable('').__index = nil",
          "setmetatable(string, {})"})
        EXPECT_EQ(lua(attack).substr(0, 4), "-ERR") << attack;
    EXPECT_EQ(lua("return ('x'):rep(3)"), R"("xxx")");
    EXPECT_EQ(lua("return string.format('%d', 3)"), R"("3")");
}

TEST_F(sandbox, stops_a_script_that_never_ends) {
    EXPECT_NE(lua("while true do end").find("ran too long"), std::string::npos);
    EXPECT_NE(lua("while true do redis.call('PING') end").find("ran too long"), std::string::npos);
    EXPECT_NE(lua("while true do pcall(function() while true do end end) end").find("ran too long"),
              std::string::npos);
    EXPECT_NE(lua("local t = {} while true do t[#t + 1] = {} end").find("script killed"),
              std::string::npos);
    EXPECT_EQ(lua("return 1"), "1");
}

TEST_F(sandbox, draws_the_same_numbers_in_every_script) {
    const auto first =
        lua("return tostring(math.random()) .. math.random(100) .. math.random(5, 9)");
    EXPECT_EQ(lua("return tostring(math.random()) .. math.random(100) .. math.random(5, 9)"),
              first);
    EXPECT_NE(lua("math.randomseed(7) return tostring(math.random())"),
              lua("math.randomseed(8) return tostring(math.random())"));
}

TEST_F(sandbox, converts_numbers_as_redis_does) {
    EXPECT_EQ(lua("redis.call('SET', 'k', 9007199254740991) return redis.call('GET', 'k')"),
              R"("9007199254740991")");
    EXPECT_EQ(lua("redis.call('SET', 'k', 0.1) return redis.call('GET', 'k')"),
              R"("0.10000000000000001")");
    EXPECT_EQ(lua("redis.call('SET', 'k', 1e20) return redis.call('GET', 'k')"), R"("1e+20")");
    EXPECT_EQ(lua("return 3.99"), "3");
    EXPECT_EQ(lua("return -3.99"), "-3");
}

TEST_F(sandbox, makes_replies_of_status_and_error_tables) {
    EXPECT_EQ(lua("return redis.status_reply('FINE')"), "+FINE");
    EXPECT_EQ(lua("return {ok = 'FINE'}"), "+FINE");
    EXPECT_EQ(lua("return redis.error_reply('MINE was it')"), "-MINE was it");
    EXPECT_EQ(lua("return redis.error_reply('MINE')"), "-ERR MINE");
    EXPECT_EQ(lua("return {err = 'MINE was it'}"), "-MINE was it");
    EXPECT_EQ(lua("return redis.pcall('INCR')").substr(0, 10), "-ERR Wrong");
    EXPECT_EQ(lua("return redis.sha1hex('')"), R"("da39a3ee5e6b4b0d3255bfef95601890afd80709")");
}

TEST_F(sandbox, refuses_arguments_that_are_not_text_or_numbers) {
    for (const auto* text :
         {"redis.call()", "redis.call({})", "redis.call('GET', true)", "redis.call('GET', nil)"})
        EXPECT_EQ(lua(text).substr(0, 4), "-ERR") << text;
}

}  // namespace
}  // namespace holdfast::test
