// Versions, access lists, and the sentence for each thing that is not as it must be.
#include "store/redis/server_check.hpp"

#include "store/redis/error_reply.hpp"

#include <algorithm>
#include <charconv>

namespace holdfast {
namespace {

std::string user_of(const redis_options& options) {
    return options.user.empty() ? "default" : options.user;
}

bool contains(std::string_view line, std::string_view words) {
    return line.find(words) != line.npos;
}

link_problem wrong_credentials(std::string_view line, const redis_options& options) {
    const bool none_given = options.password.empty();
    return {errc::permission_denied,
            "Redis at " + options.address() + " refuses user '" + user_of(options) + "'; " +
                std::string(line) + "; " +
                (none_given ? "put user:password@ or :password@ before the host in the store url"
                            : "correct user and password in the store url")};
}

link_problem too_old(std::string_view version, const redis_options& options) {
    return {errc::unsupported_server, "Redis at " + options.address() + " is version " +
                                          std::string(version) +
                                          "; Holdfast needs 6.2 or newer; upgrade the server"};
}

link_problem refused_hello(std::string_view line, const redis_options& options) {
    const auto means = classify_error(line);
    if (means == errc::permission_denied) return wrong_credentials(line, options);
    if (means == errc::unsupported_server || contains(line, "unknown command"))
        return too_old("5 or older (it has no HELLO 3)", options);
    return {means, "Redis at " + options.address() + " does not greet; " + std::string(line) +
                       "; wait or look at the server's log"};
}

std::string quoted_command(std::string_view line) {
    const auto open = line.find('\'');
    const auto close = line.find('\'', open == line.npos ? open : open + 1);
    if (open == line.npos || close == line.npos) return {};
    return std::string(line.substr(open + 1, close - open - 1));
}

}  // namespace

bool is_supported_version(std::string_view version) noexcept {
    unsigned parts[2] = {0, 0};
    const char* at = version.data();
    const char* end = at + version.size();
    for (auto& part : parts) {
        at = std::from_chars(at, end, part).ptr;
        if (at == end || *at != '.') break;
        ++at;
    }
    return parts[0] > 6 || (parts[0] == 6 && parts[1] >= 2);
}

std::optional<link_problem> read_hello(const resp3_message& answer, const redis_options& options,
                                       server_facts& facts) {
    if (answer.what == resp3_message::kind::error) return refused_hello(answer.error, options);
    const auto& items = answer.value.items();
    for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
        if (items[i].as_text() == "version") facts.version = items[i + 1].as_text();
        if (items[i].as_text() == "role") facts.replica = items[i + 1].as_text() != "master";
    }
    if (!is_supported_version(facts.version)) return too_old(facts.version, options);
    return std::nullopt;
}

void missing_rules::add(std::string rule) {
    if (std::find(rules_.begin(), rules_.end(), rule) == rules_.end())
        rules_.push_back(std::move(rule));
}

void missing_rules::add_for(std::string_view line, const redis_options& options) {
    if (classify_error(line) != errc::permission_denied) return;
    if (contains(line, "channel")) return add("&" + options.prefix + "*");
    if (contains(line, " key")) return add("~" + options.prefix + "*");
    const auto command = quoted_command(line);
    add(command.empty() ? "+@scripting" : "+" + command);
}

link_problem missing_rules::problem(const redis_options& options) const {
    std::string line = "ACL SETUSER " + user_of(options);
    for (const auto& rule : rules_) line += " " + rule;
    return {errc::permission_denied,
            "Redis at " + options.address() + " does not let user '" + user_of(options) +
                "' do all that Holdfast needs; " +
                "rules are missing from its access list; add them: " + line};
}

}  // namespace holdfast
