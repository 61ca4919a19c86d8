// What each fault does, for how long, and how it is undone.
#include "sim/world/nemesis.hpp"

#include <string>
#include <utility>

namespace holdfast::sim {
namespace {

constexpr nanoseconds clock_wrong_for = minutes{2};

constexpr bool is_message_fault(fault which) {
    return which == fault::drop || which == fault::lost_reply || which == fault::duplicate;
}

std::string text_of(nanoseconds span) {
    return std::to_string(std::chrono::duration_cast<milliseconds>(span).count()) + " ms";
}

}  // namespace

nemesis::nemesis(world& in, network& lines, store_process& store, random draws,
                 const simulation_options& options)
    : world_(in),
      network_(lines),
      store_(store),
      draws_(draws),
      faults_(options.faults),
      every_(options.fault_every),
      message_trouble_(options.message_trouble) {}

void nemesis::start() {
    auto& quality = network_.quality;
    if (faults_.has(fault::drop)) quality.lose_request = message_trouble_;
    if (faults_.has(fault::lost_reply)) quality.lose_reply = message_trouble_;
    if (faults_.has(fault::duplicate)) quality.duplicate = message_trouble_;
    for (std::size_t i = 0; i < strikes_.size(); ++i) {
        const auto which = static_cast<fault>(i);
        if (faults_.has(which) && !is_message_fault(which)) arm(which);
    }
}

void nemesis::arm(fault which) {
    world_.after(draws_.around(every_), [this, which] {
        if (healed_) return;
        strike(which);
        arm(which);
    });
}

void nemesis::strike(fault which) {
    ++strikes_.at(static_cast<std::size_t>(which));
    if (is_store_fault(which))
        on_store(which);
    else
        on_node(which);
}

void nemesis::later(nanoseconds span, std::function<void()> what) {
    world_.after(span, [this, what = std::move(what)] {
        if (!healed_) what();
    });
}

void nemesis::tell(std::string_view who, fault which, std::string detail) {
    world_.told().note(world_.now(), who, name_of(which), detail);
}

void nemesis::on_node(fault which) {
    auto& nodes = world_.nodes();
    auto& at = *nodes[draws_.below(nodes.size())];
    switch (which) {
        case fault::crash: crash(at); break;
        case fault::pause: pause(at); break;
        case fault::skew: skew(at); break;
        case fault::cut: cut(at); break;
        default: slow(at); break;
    }
}

void nemesis::crash(node& at) {
    if (at.crashed()) return;
    const auto down_for = draws_.around(seconds{10});
    tell(at.name(), fault::crash, text_of(down_for));
    at.crash();
    later(down_for, [this, &at] {
        if (at.crashed()) restart(at);
    });
}

void nemesis::pause(node& at) {
    if (at.crashed() || at.paused()) return;
    const auto span = draws_.around(draws_.chance(500'000) ? milliseconds{500} : seconds{15});
    tell(at.name(), fault::pause, text_of(span));
    at.pause();
    later(span, [this, &at] {
        at.resume();
        world_.told().note(world_.now(), at.name(), "goes on");
    });
}

void nemesis::skew(node& at) {
    const nanoseconds most = draws_.chance(100'000) ? nanoseconds{minutes{5}} : milliseconds{900};
    const auto offset = std::chrono::duration_cast<microseconds>(draws_.between(-most, most));
    const auto ppm = draws_.between(std::int64_t{-9000}, std::int64_t{9000});
    tell(
        at.name(), fault::skew,
        "calendar " + std::to_string(offset.count()) + " us, rate " + std::to_string(ppm) + " ppm");
    at.clock().wall_offset = calendars_ahead_ + offset;
    at.clock().set_rate(world_.now(), ppm);
}

void nemesis::cut(node& at) {
    const auto ways = draws_.below(3);
    const auto span = draws_.around(seconds{10});
    tell(at.name(), fault::cut,
         text_of(span) + (ways == 0   ? ", out"
                          : ways == 1 ? ", in"
                                      : ", both ways"));
    if (ways != 1) network_.cut(at, direction::out);
    if (ways != 0) network_.cut(at, direction::in);
    later(span, [this, &at] { network_.mend(at); });
}

void nemesis::slow(node& at) {
    const auto by = draws_.around(milliseconds{300});
    tell(at.name(), fault::slow, text_of(by));
    network_.slow(at, by);
    later(draws_.around(seconds{20}), [this, &at] { network_.mend(at); });
}

void nemesis::on_store(fault which) {
    const auto span = draws_.around(seconds{1});
    const auto lost = draws_.below(which == fault::rollback ? 40 : 6);
    using data = store_process::data;
    std::string detail = text_of(span);
    switch (which) {
        case fault::restart: store_.restart(data::kept, 0, span); break;
        case fault::rollback:
        case fault::failover:
            detail += ", forgets " + std::to_string(lost) + " writes";
            store_.restart(data::rolled_back, lost, span);
            break;
        case fault::wipe: store_.restart(data::lost, 0, span); break;
        case fault::clock_step: detail = step_clock(); break;
        case fault::out_of_memory:
            store_.set_out_of_memory(true);
            later(4 * span, [this] { store_.set_out_of_memory(false); });
            break;
        default: store_.block_for(span); break;
    }
    tell(store_.name, which, std::move(detail));
}

// Until somebody sets it right: a fleet whose clocks differ for hours does nothing but say so.
std::string nemesis::step_clock() {
    const auto most = draws_.chance(200'000) ? hours{1} : nanoseconds{seconds{20}};
    const auto by = std::chrono::duration_cast<microseconds>(draws_.between(-most, most));
    const bool together = draws_.chance(250'000);
    const auto step = [this, together](microseconds span) {
        store_.step_clock(span);
        if (!together) return;
        calendars_ahead_ += span;
        for (auto& one : world_.nodes()) one->step_wall_clock(span);
    };
    step(by);
    later(clock_wrong_for, [this, step, by] {
        step(-by);
        tell(store_.name, fault::clock_step, "set right by " + std::to_string(-by.count()) + " us");
    });
    return std::to_string(by.count()) + " us" + (together ? ", all calendars with it" : "");
}

void nemesis::heal() {
    healed_ = true;
    world_.told().note(world_.now(), "world", "heals");
    const auto latency = network_.quality.latency;
    network_.quality = {};
    network_.quality.latency = latency;
    store_.set_out_of_memory(false);
    store_.come_up();
    store_.set_clock_right();
    for (auto& one : world_.nodes()) {
        one->resume();
        one->clock().wall_offset = {};
        one->clock().set_rate(world_.now(), 0);
        network_.mend(*one);
        if (one->crashed()) restart(*one);
    }
}

}  // namespace holdfast::sim
