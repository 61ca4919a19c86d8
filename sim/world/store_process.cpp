// Executes what arrives, pushes, breaks when told.
#include "sim/world/store_process.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace holdfast::sim {
namespace {

constexpr std::size_t most_lost = 64;       // writes at once
constexpr std::size_t synchronized = 4000;  // so many writes later a replica has all of them
constexpr nanoseconds silence_noticed = seconds{60};

embedded::embedded_engine::options with_history() {
    embedded::embedded_engine::options options;
    options.history = most_lost;
    return options;
}

}  // namespace

store_process::store_process(world& in, network& through)
    : world_(in), network_(through), engine_(with_history()) {}

void store_process::accept(const std::shared_ptr<connection>& from,
                           std::function<void(bool)> greet) {
    auto& host = from->host;
    if (std::exchange(from->greeted, true)) return;  // the network doubled the request
    if (!up_) {
        network_.answer(host, from->to_client, [greet = std::move(greet)] { greet(false); });
        return;
    }
    from->open = true;
    connections_.push_back(from);
    const std::weak_ptr<connection> weak = from;
    for (const auto& channel : from->channels)
        from->subscriptions.push_back(
            engine_.subscribe(channel, [this, weak](std::string_view message) {
                const auto to = weak.lock();
                if (!to) return;
                network_.answer(to->host, to->to_client, [weak, text = std::string(message)] {
                    if (const auto at = weak.lock()) at->on_push(text);
                });
            }));
    network_.answer(host, from->to_client, [greet = std::move(greet)] { greet(true); });
}

void store_process::execute(const std::shared_ptr<connection>& from, const script& what,
                            const std::vector<std::string>& keys,
                            const std::vector<std::string>& args, on_answer reply_to) {
    if (!up_ || !from->open) {
        reset(from);
        return;
    }
    if (world_.now() >= busy_until_) {
        run_now(from, what, keys, args, reply_to);
        return;
    }
    world_.at(busy_until_, [=, this, life = life_] {
        if (life == life_) execute(from, what, keys, args, reply_to);
    });
}

void store_process::run_now(const std::shared_ptr<connection>& from, const script& what,
                            std::span<const std::string> keys, std::span<const std::string> args,
                            const on_answer& reply_to) {
    const script running = instead_of ? instead_of(what) : what;
    auto answer = engine_.run(running, keys, args, clock());
    if (engine_.writes() > synchronized) engine_.begin_history();
    world_.told().note(world_.now(), from->host.name(), what.name,
                       keys.empty() ? std::string_view() : std::string_view(keys.front()), [&] {
                           std::string text;
                           for (const auto& arg : args) text += arg.substr(0, 90) + " ";
                           return text + "-> " +
                                  (answer ? to_string(*answer) : answer.error().message());
                       });
    if (observe) observe(executed{from->host, what, keys, args, answer});
    network_.answer(from->host, from->to_client, [reply_to, answer = std::move(answer)]() mutable {
        reply_to(std::move(answer));
    });
}

void store_process::reset(const std::shared_ptr<connection>& at) {
    network_.answer(at->host, at->to_client, [at] { at->on_reset(); });
}

void store_process::client_gone(const std::shared_ptr<connection>& from) {
    const bool cut = network_.is_cut(from->host, direction::out);
    world_.after(cut ? silence_noticed : network_.quality.latency, [this, from] { close(from); });
}

void store_process::close(const std::shared_ptr<connection>& from) {
    if (!std::exchange(from->open, false)) return;
    for (const auto id : from->subscriptions) engine_.unsubscribe(id);
    from->subscriptions.clear();
    std::erase(connections_, from);
}

bool store_process::listens(std::string_view channel) const {
    return std::ranges::any_of(connections_, [&](const auto& one) {
        return std::ranges::find(one->channels, channel) != one->channels.end();
    });
}

void store_process::restart(data what_becomes, std::size_t writes, nanoseconds down_for) {
    up_ = false;
    ++life_;
    busy_until_ = {};
    const auto broken = connections_;
    for (const auto& one : broken) {
        close(one);
        reset(one);
    }
    engine_.set_out_of_memory(false);
    if (what_becomes == data::lost) engine_.restore(embedded::keyspace());
    if (what_becomes == data::rolled_back) {
        engine_.roll_back(writes);
        rolled_back_at_ = world_.now();
    }
    if (what_becomes != data::kept) lost_writes();
    world_.after(down_for, [this, life = life_] {
        if (life == life_) come_up();
    });
}

void store_process::come_up() {
    if (std::exchange(up_, true)) return;
    started_at_ = clock();
    world_.told().note(world_.now(), name, "is up");
}

void store_process::lost_writes() {
    ++losses_;
    disturbed_at_ = world_.now();
    if (on_loss) on_loss();
}

void store_process::step_clock(microseconds by) {
    clock_offset_ += by;
    disturbed_at_ = stepped_at_ = world_.now();
}

void store_process::flush_all() {
    engine_.restore(embedded::keyspace());
    lost_writes();
}

void store_process::set_out_of_memory(bool full) { engine_.set_out_of_memory(full); }

void store_process::block_for(nanoseconds span) {
    busy_until_ = std::max(busy_until_, world_.now() + span);
}

}  // namespace holdfast::sim
