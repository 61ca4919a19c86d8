// Decides for each message whether it arrives, when, and how often.
#include "sim/world/network.hpp"

#include <algorithm>

namespace holdfast::sim {

network::line_state& network::line(const node& of) {
    if (lines_.size() <= of.index()) lines_.resize(of.index() + 1);
    return lines_[of.index()];
}

bool network::is_cut(const node& at, direction which) const {
    return at.index() < lines_.size() && lines_[at.index()].cut[index(which)];
}

steady_time network::arrival(const node& at, message_order& order) {
    const auto when = world_.now() + draws_.around(quality.latency) + line(at).slower;
    return order.last = std::max(when, order.last);
}

void network::send(const node& from, message_order& order, std::function<void()> arrive) {
    if (is_cut(from, direction::out) || draws_.chance(quality.lose_request)) {
        world_.told().note(world_.now(), from.name(), "request lost");
        return;
    }
    if (draws_.chance(quality.duplicate)) {
        const auto again = order.last + draws_.around(milliseconds{200});
        world_.told().note(world_.now(), from.name(), "request doubled");
        world_.at(again, arrive);
    }
    world_.at(arrival(from, order), std::move(arrive));
}

void network::answer(const node& to, message_order& order, std::function<void()> arrive) {
    if (is_cut(to, direction::in) || draws_.chance(quality.lose_reply)) {
        ++lost_replies_;
        world_.told().note(world_.now(), to.name(), "reply lost");
        return;
    }
    world_.at(arrival(to, order), std::move(arrive));
}

}  // namespace holdfast::sim
