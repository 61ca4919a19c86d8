// What lies between a node and everything else: latency, loss, cuts.
#pragma once

#include "sim/world/world.hpp"

#include <functional>
#include <vector>

namespace holdfast::sim {

/// How messages of the whole fleet fare. Chances are per million messages.
struct network_quality {
    nanoseconds latency = microseconds{300};  ///< typical, one way
    std::uint32_t lose_request = 0;
    std::uint32_t lose_reply = 0;  ///< also pushes
    std::uint32_t duplicate = 0;   ///< a request arrives again, up to seconds later
};

/// Messages of one connection in one direction arrive in the order in which they were sent.
struct message_order {
    steady_time last{};
};

enum class direction { out, in };  ///< as the node sees it

class network {
public:
    network(world& in, random draws) : world_(in), draws_(draws) {}

    network_quality quality;

    /// Everything the node sends (or receives) is lost until mend().
    void cut(const node& at, direction which) { line(at).cut[index(which)] = true; }
    /// Messages of the node take that much longer.
    void slow(const node& at, nanoseconds by) { line(at).slower = by; }
    void mend(const node& at) { line(at) = {}; }
    bool is_cut(const node& at, direction which) const;
    bool is_cut(const node& at) const {
        return is_cut(at, direction::out) || is_cut(at, direction::in);
    }

    /// A request of the node. `arrive` is called when (and if) it arrives.
    void send(const node& from, message_order& order, std::function<void()> arrive);
    /// A reply or a push for the node; lost if the node's way in is cut.
    void answer(const node& to, message_order& order, std::function<void()> arrive);

    std::uint64_t lost_replies() const noexcept { return lost_replies_; }

private:
    struct line_state {
        bool cut[2] = {false, false};
        nanoseconds slower{0};
    };
    static std::size_t index(direction which) { return which == direction::out ? 0 : 1; }
    line_state& line(const node& of);
    steady_time arrival(const node& at, message_order& order);

    world& world_;
    random draws_;
    std::vector<line_state> lines_;
    std::uint64_t lost_replies_ = 0;
};

}  // namespace holdfast::sim
