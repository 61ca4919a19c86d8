// Puts processes on nodes, and the public face over it.
#include "sim/world/fleet.hpp"

#include <memory>
#include <utility>

namespace holdfast::sim {
namespace {

/// One incarnation and what it owns.
struct incarnation final : journal {
    incarnation(node& on, simulation::fleet& of)
        : home(of),
          host(on),
          shared(on, of.lines, of.server, of.store_options),
          seen{on, shared, *this, on.name(), on.incarnation()} {
        shared.on_unknown = [this](std::string_view script) {
            if (home.on_unknown) home.on_unknown(seen, script);
        };
    }

    void record(const event& happened) override {
        auto more = [&] {
            auto text = std::string(happened.who) + " " + std::to_string(happened.number);
            return text.append(" ").append(happened.detail);
        };
        home.space.told().mix(happened.number);
        home.space.told().note(home.space.now(), host.name(), name_of(happened.kind),
                               happened.subject, more);
        if (home.on_event) home.on_event(seen, happened);
    }

    simulation::fleet& home;
    node& host;
    sim_store shared;
    process seen;
};

}  // namespace

simulation::fleet::fleet(const simulation_options& opts)
    : options(opts),
      space(from_unix_ms(1'800'000'000'000), opts.seed),
      lines(space, space.draws().fork()),
      server(space, lines),
      faults(space, lines, server, space.draws().fork(), options) {
    for (std::size_t i = 0; i < options.nodes; ++i) {
        auto& one = space.add_node();
        one.owns_everything = true;
        one.clock().set_boot(space.draws().between(nanoseconds{0}, nanoseconds{hours{100}}));
    }
    faults.restart = [this](node& at) {
        space.told().note(space.now(), at.name(), "starts again");
        at.restart();
        launch(at);
    };
}

simulation::fleet::~fleet() { space.end(); }

void simulation::fleet::start(std::vector<program> what) {
    programs_ = std::move(what);
    for (auto& one : space.nodes()) launch(*one);
    faults.start();
}

void simulation::fleet::launch(node& on) {
    auto life = std::make_shared<incarnation>(on, *this);
    auto& seen = life->seen;
    on.keep(std::move(life));
    for (const auto& one : programs_) on.spawn(one(seen));
}

simulation::simulation(simulation_options options) : fleet_(std::make_unique<fleet>(options)) {}
simulation::~simulation() = default;

void simulation::on_every_node(program what) {
    std::vector<program> one{std::move(what)};
    fleet_->start(std::move(one));
}
void simulation::run_for(nanoseconds span) { fleet_->space.run_for(span); }
bool simulation::run_until(const std::function<bool()>& done, nanoseconds limit) {
    return fleet_->space.run_until(done, limit);
}
void simulation::heal() { fleet_->heal(); }
steady_time simulation::now() const noexcept { return fleet_->space.now(); }
wall_time simulation::wall_now() const noexcept { return fleet_->space.wall_now(); }
std::uint64_t simulation::trace_hash() const noexcept { return fleet_->space.told().hash(); }
void simulation::keep_story(std::size_t lines) { fleet_->space.told().keep(lines); }
std::vector<std::string> simulation::story() const {
    const auto& lines = fleet_->space.told().story();
    return {lines.begin(), lines.end()};
}

}  // namespace holdfast::sim
