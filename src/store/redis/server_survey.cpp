// The greeting, then a push to ourselves, TIME, INFO and CONFIG GET.
#include "store/redis/server_survey.hpp"

#include "base/encode.hpp"
#include "runtime/deadline.hpp"
#include "store/redis/command_text.hpp"

#include <array>
#include <sstream>

namespace holdfast {
namespace {

class interview {
public:
    interview(runtime& rt, const redis_options& options)
        : rt_(rt), options_(options), stream_(rt.executor()) {}

    task<server_survey> run() {
        found_.problem = co_await stream_.open(options_);
        if (found_.problem) co_return std::move(found_);
        std::array<std::byte, 16> random;
        rt_.fill_random(random);
        const push_channels channels{options_.prefix + "ch:" + hex_encode(random),
                                     options_.prefix + "fleet"};
        auto met = co_await greet(stream_, in_, options_, channels);
        found_.problem = std::move(met.problem);
        found_.facts = std::move(met.facts);
        if (found_.problem) co_return std::move(found_);
        auto publish = command({"PUBLISH", channels.process, "doctor"});
        co_await ask(std::move(publish));
        co_await ask_time();
        auto info = command({"INFO"});
        read_lines(co_await ask(std::move(info)));
        for (const auto* name : {"appendfsync", "min-replicas-to-write", "save"})
            co_await ask_config(name);
        stream_.close();
        co_return std::move(found_);
    }

private:
    static std::string command(std::initializer_list<std::string_view> words) {
        std::string text;
        append_command(text, words);
        return text;
    }

    /// The answer; nil when the server refused or the connection broke.
    task<reply> ask(std::string text) {
        error_code failed;
        co_await stream_.write(boost::asio::buffer(text), failed);
        while (!failed && !in_.corrupt()) {
            auto message = in_.next();
            if (!message) {
                const auto bytes = co_await stream_.read_some(in_.space(), failed);
                in_.arrived(bytes);
            } else if (message->what != resp3_message::kind::push) {
                co_return std::move(message->value);
            } else if (message->value[2].as_text() == "doctor") {
                found_.push_came = true;
            }
        }
        co_return reply();
    }

    task<void> ask_time() {
        const auto before = rt_.now();
        auto time = command({"TIME"});
        const auto answer = co_await ask(std::move(time));
        const auto ours = rt_.wall_now();
        found_.round_trip = rt_.now() - before;
        const auto number = [&](std::size_t i) {
            const auto read = answer[i].integer();
            return read ? *read : 0;
        };
        const auto theirs = seconds{number(0)} + microseconds{number(1)};
        const auto half = std::chrono::floor<microseconds>(found_.round_trip / 2);
        found_.clock_ahead = theirs + half - ours.time_since_epoch();
    }

    void read_lines(const reply& answer) {
        std::istringstream lines{std::string(answer.as_text())};
        for (std::string line; std::getline(lines, line);) {
            if (!line.empty() && line.back() == '\r') line.pop_back();
            const auto colon = line.find(':');
            if (colon != line.npos) found_.info[line.substr(0, colon)] = line.substr(colon + 1);
        }
    }

    task<void> ask_config(std::string_view name) {
        auto get = command({"CONFIG", "GET", name});
        const auto answer = co_await ask(std::move(get));
        if (answer.items().size() == 2)
            found_.config[std::string(name)] = std::string(answer[1].as_text());
    }

    runtime& rt_;
    const redis_options& options_;
    redis_stream stream_;
    inbox in_;
    server_survey found_;
};

}  // namespace

task<server_survey> survey_server(runtime& rt, const redis_options& options) {
    interview talk(rt, options);
    const auto limit = rt.now() + options.connect_timeout + options.call_timeout;
    auto asked = co_await before_deadline(rt, limit, talk.run());
    if (asked) co_return std::move(*asked);
    server_survey silent;
    silent.problem = {errc::store_unavailable, "Redis at " + options.address() +
                                                   " does not answer in time; start it, or look "
                                                   "for a firewall or an overloaded host"};
    co_return silent;
}

}  // namespace holdfast
