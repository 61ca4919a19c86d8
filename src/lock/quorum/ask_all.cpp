// One coroutine a node, and one that waits for them.
#include "lock/quorum/ask_all.hpp"

#include "runtime/deadline.hpp"
#include "runtime/wake_event.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <algorithm>

namespace holdfast {
namespace {

struct round {
    round(runtime& on, std::size_t nodes, node_question what)
        : rt(on), question(std::move(what)), answers(nodes), changed(on.executor()) {}
    bool complete() const {
        return std::ranges::all_of(answers, [](const auto& one) { return one.has_value(); });
    }
    runtime& rt;
    node_question question;
    node_answers answers;
    wake_event changed;
};

task<void> ask_one(std::shared_ptr<round> now, std::size_t node, steady_time deadline) {
    auto asked = now->question(node);
    auto answer = co_await before_deadline(now->rt, deadline, std::move(asked));
    if (answer)
        now->answers[node].emplace(std::move(*answer));
    else
        now->answers[node].emplace(errc::outcome_unknown);
    now->changed.notify_all();
}

}  // namespace

task<node_answers> ask_all(runtime& rt, std::size_t nodes, nanoseconds patience,
                           node_question question,
                           std::function<bool(const node_answers&)> enough) {
    const auto now = std::make_shared<round>(rt, nodes, std::move(question));
    const auto deadline = rt.now() + patience;
    for (std::size_t i = 0; i < nodes; ++i)
        boost::asio::co_spawn(rt.executor(), ask_one(now, i, deadline), boost::asio::detached);
    while (!now->complete() && !enough(now->answers)) co_await now->changed.wait();
    co_return now->answers;
}

}  // namespace holdfast
