// Polls every node until all sleep, then moves the time to the next event.
#include "sim/world/world.hpp"

#include <algorithm>

namespace holdfast::sim {

// Frames of one node may refer to things that a test keeps beside another: all stop before any
// goes.
world::~world() { end(); }

void world::end() {
    for (auto& one : nodes_) {
        one->on_crash = nullptr;
        one->crash();
        one->settle_crash();
    }
    events_ = {};
}

node& world::add_node(microseconds wall_offset) {
    const auto index = nodes_.size();
    nodes_.push_back(
        std::make_unique<node>(*this, index, "n" + std::to_string(index + 1), draws_.fork()));
    nodes_.back()->clock().wall_offset = wall_offset;
    return *nodes_.back();
}

void world::at(steady_time when, std::function<void()> what) {
    events_.push({std::max(when, now_), ++last_order_, std::move(what)});
}

void world::settle() {
    bool moved = true;
    while (moved) {
        moved = false;
        for (std::size_t i = 0; i < nodes_.size(); ++i) {
            if (!nodes_[i]->wants_poll(now_)) continue;
            nodes_[i]->settle_crash();
            moved = nodes_[i]->poll() || moved;
        }
    }
}

bool world::advance(steady_time until) {
    auto next = events_.empty() ? steady_time::max() : events_.top().at;
    for (const auto& one : nodes_) next = std::min(next, one->next_wake());
    if (next > until) return false;
    now_ = std::max(now_, next);
    if (!events_.empty() && events_.top().at <= now_) {
        auto what = std::move(const_cast<event&>(events_.top()).what);
        events_.pop();
        what();
    }
    settle();
    return true;
}

// Somebody outside may have posted to a node directly, which it does not notice by itself.
void world::run_for(nanoseconds span) {
    for (auto& one : nodes_) one->ready_ = true;
    const auto until = now_ + span;
    settle();
    while (advance(until)) {
    }
    now_ = until;
}

bool world::run_until(const std::function<bool()>& done, nanoseconds limit) {
    for (auto& one : nodes_) one->ready_ = true;
    const auto until = now_ + limit;
    settle();
    while (!done())
        if (!advance(until)) {
            now_ = until;
            return false;
        }
    return true;
}

}  // namespace holdfast::sim
