// Commands about the store itself and its channels.
#include "store/embedded/commands.hpp"
#include "store/embedded/number.hpp"

#include <string>

namespace holdfast::embedded {
namespace {

answer time_now(context& c, arguments) {
    const auto now = c.keys.now().time_since_epoch().count();
    auto both = answer::array();
    both.items.reserve(2);
    both.items.push_back(answer::bulk(std::to_string(now / 1'000'000)));
    both.items.push_back(answer::bulk(std::to_string(now % 1'000'000)));
    return both;
}

answer publish(context& c, arguments args) { return answer::size(c.out.publish(args[1], args[2])); }

answer ping(context&, arguments args) {
    if (args.size() > 2) return errors::arity("ping");
    return args.size() == 2 ? answer::bulk(args[1]) : answer::status("PONG");
}

answer echo(context&, arguments args) { return answer::bulk(args[1]); }

answer flush(context& c, arguments args) {
    if (args.size() > 2 ||
        (args.size() == 2 && !is_word(args[1], "async") && !is_word(args[1], "sync")))
        return errors::syntax();
    c.keys.clear();
    c.keys.record({"FLUSHALL"});
    return answer::ok();
}

constexpr command all[] = {
    {"time", 1, command::read, time_now},    {"publish", 3, command::read, publish},
    {"ping", -1, command::read, ping},       {"echo", 2, command::read, echo},
    {"flushall", -1, command::write, flush}, {"flushdb", -1, command::write, flush},
};

}  // namespace

std::span<const command> server_commands() { return all; }

}  // namespace holdfast::embedded
