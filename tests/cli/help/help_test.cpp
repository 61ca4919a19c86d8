// What every command promises about itself: examples, --json on listings, errors in one line.
#include "base/write_json.hpp"
#include "cli/commands.hpp"
#include "support/child_process.hpp"

#include <CLI/CLI.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

namespace holdfast::cli {
namespace {

using visitor = std::function<void(const CLI::App&, const std::string& name)>;

void visit(const CLI::App& app, const std::string& name, const visitor& look) {
    look(app, name);
    for (const auto* sub : app.get_subcommands(nullptr)) {
        const auto inner = name.empty() ? sub->get_name() : name + " " + sub->get_name();
        visit(*sub, inner, look);
    }
}

void every_command(const visitor& look) {
    CLI::App app("", "holdfast");
    int code = 0;
    for (const auto add : all_commands) add(app, code);
    for (const auto* sub : app.get_subcommands(nullptr)) visit(*sub, sub->get_name(), look);
}

TEST(help, has_an_example_and_the_exit_codes_of_every_command) {
    int commands = 0;
    every_command([&](const CLI::App& command, const std::string& name) {
        ++commands;
        const auto text = command.help();
        EXPECT_NE(text.find("\n  holdfast " + name), text.npos) << text;
        const bool is_run = name == "run";  // it passes the command's own on, and says how
        const bool says = text.find("Exit code") != text.npos;
        EXPECT_TRUE(says || is_run || name == "serve" || name == "cron") << text;
        EXPECT_FALSE(command.get_description().empty()) << name;
        for (const auto* option : command.get_options())
            EXPECT_FALSE(option->get_description().empty()) << name << option->get_name();
    });
    EXPECT_GT(commands, 30);
}

TEST(help, every_listing_has_json) {
    std::vector<std::string> with_json;
    every_command([&](const CLI::App& command, const std::string& name) {
        if (command.get_option_no_throw("--json") != nullptr) with_json.push_back(name);
    });
    for (const char* listing :
         {"lock ls", "lock show", "lock who", "lock why", "lock top", "job ls", "job show",
          "job history", "job audit", "job explain", "user ls", "token inspect", "token issue",
          "cron next", "cron lint", "cron describe", "doctor"})
        EXPECT_NE(std::ranges::find(with_json, listing), with_json.end()) << listing;
}

TEST(usage, errors_are_one_line_on_standard_error_that_says_where_to_read_on) {
    const struct {
        std::vector<std::string> words;
        const char* says;
    } table[] = {
        {{}, "see holdfast --help"},
        {{"nonsense"}, "see holdfast --help"},
        {{"--nonsense"}, "see holdfast --help"},
        {{"user"}, "see holdfast user --help"},
        {{"user", "nonsense"}, "no subcommand nonsense; see holdfast user --help"},
        {{"lock", "non\nsense"}, "no subcommand non?sense; see holdfast lock --help"},
        {{"user", "ls", "--nonsense"}, "see holdfast user ls --help"},
        {{"user", "add", "a\nb", "--db", "none"}, "\"a?b\" cannot be an account"},
        {{"user", "add", "ada", "--name", "a\nb", "--db", "none"}, "--name"},
        {{"job", "ls"}, "--store is required; see holdfast job ls --help"},
        {{"job", "ls", "--store", "ftp://x"}, "is no store"},
        {{"job", "show", "a b", "--store", "redis://127.0.0.1:1"}, "cannot be a job's name"},
        {{"job", "history", "a", "--since", "x", "--store", "redis://127.0.0.1:1"}, "--since"},
        {{"job", "audit", "a", "--since", "x", "--store", "redis://127.0.0.1:1"}, "--since"},
        {{"job", "explain", "a", "x", "--store", "redis://127.0.0.1:1"}, "the fire time"},
        {{"lock", "ls"}, "--store is required; see holdfast lock ls --help"},
        {{"lock", "ls", "--store", "ftp\n://x"}, "is no store"},
        {{"run", "n", "--store", "memory:", "--wait", "1", "--no-wait", "true"}, "excludes"},
        {{"serve", "-c", "/"}, "cannot be read"},
        {{"jws", "verify", "x", "--key", "/"}, "cannot read"},
        {{"user", "passwd", "ada", "--db", "none"}, "there is no user database none"},
    };
    for (const auto& [words, says] : table) {
        std::vector<std::string> argv{HOLDFAST_PROGRAM};
        argv.insert(argv.end(), words.begin(), words.end());
        auto ended = test::run_to_end(std::move(argv));
        std::string what;
        for (const auto& word : words) what += word + " ";
        const int code = ended.wait_code();
        EXPECT_EQ(code, std::string(says).starts_with("there is no") ? 1 : 2) << what;
        EXPECT_EQ(ended.out(), "") << what;
        EXPECT_EQ(std::ranges::count(ended.err(), '\n'), 1) << what << ended.err();
        EXPECT_TRUE(ended.err().starts_with("holdfast: ")) << what << ended.err();
        EXPECT_NE(ended.err().find(says), std::string::npos) << what << ended.err();
    }
}

TEST(json, is_utf8_whatever_it_quotes) {
    EXPECT_EQ(json_quote("a\xffz\xc3"), R"("a\ufffdz\ufffd")");
    EXPECT_EQ(json_quote("\xc3\xa4\"\\\n\x01"), "\"\xc3\xa4\\\"\\\\\\u000a\\u0001\"");
}

}  // namespace
}  // namespace holdfast::cli
