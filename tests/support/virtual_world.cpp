// Polls every node until all sleep, then moves the time to the earliest deadline.
#include "support/virtual_world.hpp"

#include <boost/asio/append.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <cstring>

namespace holdfast::test {
namespace {

namespace asio = boost::asio;

std::uint64_t next_random(std::uint64_t& state) {
    std::uint64_t z = (state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

}  // namespace

steady_time virtual_node::now() const noexcept { return world_.now(); }

wall_time virtual_node::wall_now() const noexcept { return world_.wall_now() + wall_offset_; }

void virtual_node::fill_random(std::span<std::byte> out) {
    while (!out.empty()) {
        const auto word = next_random(random_);
        const auto n = std::min(out.size(), sizeof word);
        std::memcpy(out.data(), &word, n);
        out = out.subspan(n);
    }
}

task<void> virtual_node::sleep_until(steady_time deadline) {
    if (deadline <= now()) co_return;
    const sleeper_key key{deadline, ++last_sleeper_};
    auto start = [this, key](auto on_wake) { add_sleeper(key, handler(std::move(on_wake))); };
    co_await asio::async_initiate<const asio::use_awaitable_t<>&, void(boost::system::error_code)>(
        start, asio::use_awaitable);
}

void virtual_node::add_sleeper(sleeper_key key, handler on_wake) {
    auto slot = asio::get_associated_cancellation_slot(on_wake);
    if (slot.is_connected())
        slot.assign([this, key](asio::cancellation_type) {
            auto node = sleepers_.extract(key);
            if (!node.empty()) complete(std::move(node.mapped()), asio::error::operation_aborted);
        });
    sleepers_.emplace(key, std::move(on_wake));
}

void virtual_node::complete(handler on_wake, boost::system::error_code ec) {
    auto slot = asio::get_associated_cancellation_slot(on_wake);
    if (slot.is_connected()) slot.clear();
    asio::post(context_, asio::append(std::move(on_wake), ec));
}

void virtual_node::spawn(task<void> work) {
    auto rethrow = [](std::exception_ptr failed) {
        if (failed) std::rethrow_exception(failed);
    };
    asio::co_spawn(context_, std::move(work), rethrow);
}

bool virtual_node::poll() {
    if (!polled_) return false;
    context_.restart();
    return context_.poll() > 0;
}

void virtual_node::wake_due() {
    while (polled_ && !sleepers_.empty() && sleepers_.begin()->first.first <= now())
        complete(std::move(sleepers_.extract(sleepers_.begin()).mapped()), {});
}

// Frames of one node may refer to things of another: all stop before any goes.
virtual_world::~virtual_world() {
    for (auto& node : nodes_) node->sleepers_.clear();
}

virtual_node& virtual_world::add_node(microseconds wall_offset) {
    nodes_.push_back(std::make_unique<virtual_node>(*this, wall_offset, next_random(seed_)));
    return *nodes_.back();
}

void virtual_world::settle() {
    bool moved = true;
    while (moved) {
        moved = false;
        for (std::size_t i = 0; i < nodes_.size(); ++i) {
            nodes_[i]->wake_due();
            moved = nodes_[i]->poll() || moved;
        }
    }
}

steady_time virtual_world::next_event() const {
    auto next = steady_time::max();
    for (const auto& node : nodes_)
        if (node->polled_ && !node->sleepers_.empty())
            next = std::min(next, node->sleepers_.begin()->first.first);
    return next;
}

bool virtual_world::advance(steady_time until) {
    settle();
    const auto next = next_event();
    if (next > until) return false;
    now_ = std::max(now_, next);
    settle();
    return true;
}

void virtual_world::run_for(nanoseconds span) {
    const auto until = now_ + span;
    while (advance(until)) {
    }
    now_ = until;
}

bool virtual_world::run_until(const std::function<bool()>& done, nanoseconds limit) {
    const auto until = now_ + limit;
    settle();
    while (!done())
        if (!advance(until)) {
            now_ = until;
            return false;
        }
    return true;
}

}  // namespace holdfast::test
