// The conversation at the start of a connection.
#include "store/redis/greeting.hpp"

#include "store/redis/command_text.hpp"
#include "store/redis/error_reply.hpp"
#include "store/redis/server_check.hpp"
#include "store_redis_scripts.hpp"

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
        while (!failed_ && !in_.corrupt()) {
            auto message = in_.next();
            if (message && (pushes || message->what != resp3_message::kind::push))
                co_return message;
            if (message) {
                early_pushes.push_back(std::move(*message));
                continue;
            }
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
        const bool tls = failed_.category() == boost::asio::error::get_ssl_category();
        return {tls ? errc::permission_denied : errc::store_unavailable,
                "Redis at " + options_.address() + " broke off the greeting; " + failed_.message() +
                    "; look at the server's log" +
                    (tls ? " and at cert and key in the store url" : "")};
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

// The answers come in the order of asking; `asked` names them.
enum class question { select, by_text, by_hash, ping, eviction };

std::string check_words(const redis_options& options, const push_channels& channels,
                        std::vector<question>& asked) {
    std::string words;
    if (options.database != 0) {
        append_command(words, {"SELECT", std::to_string(options.database)});
        asked.push_back(question::select);
    }
    // The probe's key carries the process's own random name, so probes never meet.
    const script_keys keys(options.prefix + "{probe}" + channels.process);
    const script_args args(channels.process);
    append_script(words, script_form::by_text, scripts::store_redis::probe, keys, args);
    append_script(words, script_form::by_hash, scripts::store_redis::probe, keys, args);
    append_command(words, {"PING"});
    append_command(words, {"CONFIG", "GET", "maxmemory-policy"});
    append_command(words, {"SUBSCRIBE", channels.process, channels.fleet});
    asked.insert(asked.end(),
                 {question::by_text, question::by_hash, question::ping, question::eviction});
    return words;
}

std::optional<link_problem> no_database(const std::string& line, const redis_options& options) {
    return link_problem{errc::invalid_configuration,
                        "Redis at " + options.address() + " has no database " +
                            std::to_string(options.database) + "; " + line +
                            "; change the number at the end of the store url"};
}

// What one answer says about permissions and facts; a problem only when it stops everything.
std::optional<link_problem> read_check(question asked, const resp3_message& answer,
                                       const redis_options& options, missing_rules& missing,
                                       server_facts& facts) {
    const bool failed = answer.what == resp3_message::kind::error;
    if (asked == question::eviction) {
        if (!failed) facts.eviction = answer.value[1].as_text();
        return std::nullopt;  // only for a warning, so CONFIG need not be allowed
    }
    if (failed) {
        const auto means = classify_error(answer.error);
        if (means == errc::permission_denied)
            missing.add_for(answer.error, options);
        else if (asked == question::select)
            return no_database(answer.error, options);
        else if (means == errc::store_loading || means == errc::store_unavailable)
            return link_problem{means, "Redis at " + options.address() + " is not ready; " +
                                           answer.error + "; wait until it is"};
        return std::nullopt;
    }
    if (asked == question::by_text)
        for (const auto& rule : answer.value.items()) {
            const auto text = rule.as_text();
            missing.add(text == "~" || text == "&" ? std::string(text) + options.prefix + "*"
                                                   : std::string(text));
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
    for (const auto each : asked) {
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
            missing.add_for(heard->error, options);
            if (missing.empty()) missing.add("+subscribe");
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
