// Passwords and access lists: what is missing is named, and adding what is named is enough.
#include "store/redis/redis_world.hpp"

#include "store/redis/server_check.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

namespace holdfast::test {
namespace {

std::string url_with(const std::string& credentials, const redis_server& server) {
    return "redis://" + credentials + "@127.0.0.1:" + std::to_string(server.port()) + "/0";
}

TEST(redis_access, needs_the_right_password) {
    redis_server server({"--requirepass", "s3cret"});
    redis_world right(url_with(":s3cret", server));
    EXPECT_TRUE(right.start().has_value()) << right.store->problem();
    redis_world wrong(url_with(":other", server));
    EXPECT_EQ(wrong.start().error(), errc::permission_denied);
    EXPECT_EQ(wrong.store->problem().find("other"), std::string::npos) << wrong.store->problem();
    redis_world none(server.url());
    EXPECT_EQ(none.start().error(), errc::permission_denied);
    redis_world nobody(url_with("nobody:s3cret", server));
    EXPECT_EQ(nobody.start().error(), errc::permission_denied);
}

TEST(redis_access, of_a_server_that_cannot_save_sends_to_its_log) {
    redis_server server;
    ASSERT_EQ(server.cli({"CONFIG", "SET", "save", "3600 1"}), "OK");
    std::filesystem::remove_all(server.folder());
    ASSERT_EQ(server.cli({"BGSAVE"}), "Background saving started");
    while (server.cli({"INFO", "persistence"}).find("rdb_last_bgsave_status:err") ==
           std::string::npos) {
    }
    redis_world world(server.url());
    EXPECT_EQ(world.start().error(), errc::store_unavailable);
    EXPECT_NE(world.store->problem().find("read the server's log"), std::string::npos)
        << world.store->problem();
}

std::vector<std::string> words_of(const std::string& line) {
    std::istringstream in(line);
    std::vector<std::string> words;
    for (std::string word; in >> word;) words.push_back(word);
    return words;
}

TEST(redis_access, names_the_acl_line_that_is_enough) {
    const std::vector<std::vector<std::string>> lists{
        {"~*", "&*", "+@all", "-publish"},
        {"~*", "&*", "+@all", "-evalsha"},
        {"~*", "&*", "+@all", "-eval"},
        {"~*", "&*", "+@all", "-subscribe"},
        {"~*", "&*", "+@all", "-ping"},
        {"~*", "&*", "+@all", "-time", "-incr"},
        {"~*", "&*", "+@all", "-del"},
        {"~*", "&other:*", "+@all"},
        {"~other:*", "&*", "+@all"},
        {"~*", "&*", "+@all", "-@write"},
        {},
    };
    for (const auto& list : lists) {
        redis_server server;
        std::vector<std::string> command{"ACL", "SETUSER", "app", "on", ">pw", "resetchannels"};
        command.insert(command.end(), list.begin(), list.end());
        ASSERT_EQ(server.cli(command), "OK");
        redis_world world(url_with("app:pw", server));
        ASSERT_FALSE(world.start().has_value()) << list.back();
        const auto problem = world.store->problem();
        const auto line = problem.find("ACL SETUSER app ");
        ASSERT_NE(line, problem.npos) << problem;
        ASSERT_EQ(server.cli(words_of(problem.substr(line))), "OK") << problem;
        redis_world again(url_with("app:pw", server));
        EXPECT_TRUE(again.start().has_value())
            << "after: " << problem << "\nstill: " << again.store->problem();
        EXPECT_EQ(server.cli({"DBSIZE"}), "0") << "the probe left something; " << problem;
    }
}

// A fleet's other keys (Sa-Token's, a lock's own) are outside the prefix.
TEST(redis_access, names_the_other_keys_that_the_list_lacks) {
    const std::vector<std::string> keys{"satoken:var:same-token", "my lock[1]*"};
    const std::vector<std::vector<std::string>> lists{
        {"~hf:*", "&*", "+@all"}, {"~hf:*", "~satoken:*", "&*", "+@all"}, {"&*", "+@all"}, {}};
    for (const auto& list : lists) {
        redis_server server;
        std::vector<std::string> command{"ACL", "SETUSER", "app", "on", ">pw", "resetchannels"};
        command.insert(command.end(), list.begin(), list.end());
        ASSERT_EQ(server.cli(command), "OK");
        redis_world world(url_with("app:pw", server), keys);
        ASSERT_EQ(world.start().error(), errc::permission_denied);
        const auto problem = world.store->problem();
        const auto line = problem.find("ACL SETUSER app ");
        ASSERT_NE(line, problem.npos) << problem;
        ASSERT_EQ(server.cli(words_of(problem.substr(line))), "OK") << problem;
        redis_world again(url_with("app:pw", server), keys);
        EXPECT_TRUE(again.start().has_value())
            << "after: " << problem << "\nstill: " << again.store->problem();
        EXPECT_EQ(server.cli({"DBSIZE"}), "0") << "the probe left something; " << problem;
    }
}

TEST(redis_access, tries_every_command_that_scripts_use) {
    std::set<std::string> tried{"TIME", "PUBLISH", "SCAN"};
    for (const auto& each : commands_of_scripts()) tried.emplace(each.name);
    const std::regex use(R"(redis\.p?call\(\s*['"](\w+)['"])");
    int scripts = 0;
    for (const auto& file : std::filesystem::recursive_directory_iterator(HOLDFAST_SOURCES)) {
        if (file.path().extension() != ".lua") continue;
        ++scripts;
        std::ifstream in(file.path());
        const std::string text{std::istreambuf_iterator<char>(in), {}};
        for (std::sregex_iterator at(text.begin(), text.end(), use), end; at != end; ++at)
            EXPECT_TRUE(tried.contains((*at)[1])) << file.path() << " uses " << (*at)[1];
    }
    EXPECT_GT(scripts, 0);
}

TEST(redis_access, connects_by_itself_once_the_rule_is_there) {
    redis_server server;
    server.cli({"ACL", "SETUSER", "app", "on", ">pw", "~*", "&*", "+@all", "-publish"});
    redis_world world(url_with("app:pw", server));
    ASSERT_EQ(world.start().error(), errc::permission_denied);
    server.cli({"ACL", "SETUSER", "app", "+publish"});
    auto connected = [&]() -> task<void> {
        while (!(co_await world.store->run(echo, script_keys(), script_args()))) {
            auto& rt = world.runtime;
            co_await rt.sleep_until(rt.now() + milliseconds{5});
        }
    };
    world.run(connected());
    EXPECT_TRUE(world.store->connected());
}

}  // namespace
}  // namespace holdfast::test
