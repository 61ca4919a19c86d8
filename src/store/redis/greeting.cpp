// The conversation at the start of a connection.
#include "store/redis/greeting.hpp"

#include "store/redis/command_text.hpp"
#include "store/redis/error_reply.hpp"
#include "store/redis/server_check.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>

namespace holdfast {
namespace {

class conversation {
public:
    conversation(redis_stream& stream, inbox& in, const redis_options& options)
        : stream_(stream), in_(in), options_(options) {}

    task<void> say(std::string words) {
        co_await stream_.write(boost::asio::buffer(words), failed_);
    }

    /// The next answer or, with `pushes`, the next message of any kind. Nothing: it failed.
    task<std::optional<resp3_message>> hear(bool pushes) {
        while (!failed_) {
            auto message = in_.next();
            if (message && (pushes || message->what != resp3_message::kind::push))
                co_return message;
            if (message) {
                early_pushes.push_back(std::move(*message));
                continue;
            }
            if (in_.corrupt()) break;
            const auto bytes = co_await stream_.read_some(in_.space(), failed_);
            in_.arrived(bytes);
        }
        co_return std::nullopt;
    }

    link_problem broken_off() const {
        if (in_.corrupt())
            return {errc::protocol_error, "what answers at " + options_.address() +
                                              " is not a Redis; it does not speak RESP3; correct" +
                                              " host and port (and redis:// or rediss://)"};
        // A server that does not like our certificate says so in an alert, or just resets.
        const bool tls = failed_.category() == boost::asio::error::get_ssl_category();
        return {tls ? errc::permission_denied : errc::store_unavailable,
                "Redis at " + options_.address() + " broke off the greeting; " + failed_.message() +
                    "; look at the server's log" +
                    (options_.tls ? " and at cert and key in the store url" : "")};
    }

    std::vector<resp3_message> early_pushes;

private:
    redis_stream& stream_;
    inbox& in_;
    const redis_options& options_;
    error_code failed_;
};

std::string hello_words(const redis_options& options) {
    std::string words;
    const std::string user = options.user.empty() ? "default" : options.user;
    if (options.password.empty())
        append_command(words, {"HELLO", "3", "SETNAME", "holdfast"});
    else
        append_command(
            words, {"HELLO", "3", "AUTH", user, options.password.reveal(), "SETNAME", "holdfast"});
    return words;
}

constexpr script nothing{"store/nothing", "e0e1f9fabfc9d4800c877a703b823ac0578ff8db", "return 1"};

/// One command of the check; the answers come in the order of asking.
struct question {
    enum class kind { select, command, key, other_key, channel, eviction };
    kind what;
    std::string_view name;
};

void ask(std::string& words, std::vector<question>& asked, const question& what,
         std::initializer_list<std::string_view> arguments) {
    append_command(words, arguments);
    asked.push_back(what);
}

std::string check_words(const redis_options& options, const push_channels& channels,
                        std::vector<question>& asked) {
    using kind = question::kind;
    std::string words;
    const auto database = std::to_string(options.database);
    if (options.database != 0) ask(words, asked, {kind::select, "SELECT"}, {"SELECT", database});
    // The key carries the process's own random name, so no two processes meet on it.
    const auto key = options.prefix + "{probe}" + channels.process;
    for (const auto& each : commands_of_scripts()) {
        std::vector<std::string_view> parts{each.name, key};
        parts.insert(parts.end(), each.after_key.begin(), each.after_key.end());
        append_command(words, parts);
        asked.push_back({kind::key, each.name});
    }
    const script_keys keys(key);
    append_script(words, script_form::by_text, nothing, keys, script_args());
    asked.push_back({kind::key, "EVAL"});
    append_script(words, script_form::by_hash, nothing, keys, script_args());
    asked.push_back({kind::key, "EVALSHA"});
    for (const auto& other : options.other_keys) {
        append_script(words, script_form::by_hash, nothing, script_keys(other), script_args());
        asked.push_back({kind::other_key, other});
    }
    ask(words, asked, {kind::command, "TIME"}, {"TIME"});
    ask(words, asked, {kind::command, "PING"}, {"PING"});
    ask(words, asked, {kind::command, "SCAN"}, {"SCAN", "0", "COUNT", "1"});
    // Nobody listens yet; it cannot be mistaken for a message.
    ask(words, asked, {kind::channel, "PUBLISH"}, {"PUBLISH", channels.process, "probe"});
    ask(words, asked, {kind::eviction, "CONFIG"}, {"CONFIG", "GET", "maxmemory-policy"});
    append_command(words, {"SUBSCRIBE", channels.process, channels.fleet});
    return words;
}

std::optional<link_problem> no_database(const std::string& line, const redis_options& options) {
    return link_problem{errc::invalid_configuration,
                        "Redis at " + options.address() + " has no database " +
                            std::to_string(options.database) + "; " + line +
                            "; change the number at the end of the store url"};
}

link_problem not_subscribed(const std::string& line, const redis_options& options) {
    return {classify_error(line), "Redis at " + options.address() + " refuses to send pushes; " +
                                      line + "; look at the server's log"};
}

link_problem not_ready(errc means, const std::string& line, const redis_options& options) {
    // It writes nothing since it cannot save: waiting alone does not cure that.
    const auto* cure = line.starts_with("MISCONF")
                           ? "read the server's log and see that its disk has room"
                           : "wait until it is";
    return {means, "Redis at " + options.address() + " is not ready; " + line + "; " + cure};
}

// What one answer says of permissions and facts; a problem only when it stops everything.
std::optional<link_problem> read_check(const question& asked, const resp3_message& answer,
                                       const redis_options& options, missing_rules& missing,
                                       server_facts& facts) {
    using kind = question::kind;
    const bool failed = answer.what == resp3_message::kind::error;
    const auto means = failed ? classify_error(answer.error) : errc::internal;
    if (asked.what == kind::eviction) {  // for a warning only, so CONFIG need not be allowed
        if (!failed) facts.eviction = answer.value[1].as_text();
    } else if (means == errc::store_loading || means == errc::store_unavailable) {
        return not_ready(means, answer.error, options);
    } else if (failed && asked.what == kind::select && means != errc::permission_denied) {
        return no_database(answer.error, options);
    } else if (asked.what == kind::key) {
        missing.note(missing_rules::about::key, asked.name, answer.error);
    } else if (asked.what == kind::other_key) {
        missing.note(missing_rules::about::other_key, asked.name, answer.error);
    } else if (asked.what == kind::channel) {
        missing.note(missing_rules::about::channel, asked.name, answer.error);
    } else {
        missing.note(missing_rules::about::command, asked.name, answer.error);
    }
    return std::nullopt;
}

}  // namespace

task<greeting> greet(redis_stream& stream, inbox& in, const redis_options& options,
                     const push_channels& channels) {
    greeting done;
    conversation talk(stream, in, options);
    co_await talk.say(hello_words(options));
    const auto hello = co_await talk.hear(false);
    done.problem = hello ? read_hello(*hello, options, done.facts) : talk.broken_off();
    if (done.problem) co_return done;

    std::vector<question> asked;
    co_await talk.say(check_words(options, channels, asked));
    missing_rules missing;
    for (const auto& each : asked) {
        const auto answer = co_await talk.hear(false);
        done.problem =
            answer ? read_check(each, *answer, options, missing, done.facts) : talk.broken_off();
        if (done.problem) co_return done;
    }
    // Two confirmations come as pushes, or one error as an answer.
    for (int confirmed = 0; confirmed < 2;) {
        auto heard = co_await talk.hear(true);
        if (!heard) {
            done.problem = talk.broken_off();
            co_return done;
        }
        if (heard->what == resp3_message::kind::error) {
            missing.note(missing_rules::about::channel, "SUBSCRIBE", heard->error);
            if (missing.empty()) done.problem = not_subscribed(heard->error, options);
            break;
        }
        if (heard->value[0].as_text() == "subscribe")
            ++confirmed;
        else
            talk.early_pushes.push_back(std::move(*heard));
    }
    if (!missing.empty()) done.problem = missing.problem(options);
    done.early_pushes = std::move(talk.early_pushes);
    co_return done;
}

}  // namespace holdfast
