// Polling, sleeping, and the way a process ends without getting a word in.
#include "sim/world/node.hpp"

#include "runtime/clear_slot.hpp"
#include "sim/world/world.hpp"

#include <boost/asio/append.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include <exception>
#include <utility>

namespace holdfast::sim {

namespace asio = boost::asio;

/// What dies in a crash. The frames go first, while the services of the context still stand: the
/// objects they refer to, and the timers in those objects, go after them.
struct node::process {
    class context : public asio::io_context {
    public:
        context() : asio::io_context(1) {}
        void destroy_frames() { shutdown(); }
    };

    ~process() { end(); }
    void end() {
        for (auto& let_go : at_end) let_go();
        at_end.clear();
        sleepers.clear();
        io.destroy_frames();
        while (!belongings.empty()) belongings.pop_back();
    }

    context io;
    std::vector<std::shared_ptr<void>> belongings;
    std::vector<std::function<void()>> at_end;
    std::map<sleeper_key, sleep_handler> sleepers;
    std::uint64_t last_sleeper = 0;
};

node::node(world& in, std::size_t index, std::string name, random draws)
    : world_(in),
      index_(index),
      name_(std::move(name)),
      draws_(draws),
      process_(std::make_unique<process>()) {}

node::~node() = default;

steady_time node::now() const noexcept { return clock_.steady(world_.now()); }

wall_time node::wall_now() const noexcept { return world_.wall_now() + clock_.wall_offset; }

asio::any_io_executor node::executor() { return process_->io.get_executor(); }

void node::async_sleep_until(steady_time deadline, sleep_handler on_wake) {
    if (deadline <= now()) return complete(std::move(on_wake), {});
    auto slot = asio::get_associated_cancellation_slot(on_wake);
    const auto key = add_sleeper(deadline, std::move(on_wake));
    if (slot.is_connected())
        slot.assign([this, key](asio::cancellation_type) {
            auto found = process_->sleepers.extract(key);
            if (found.empty()) return;
            forget_wake();
            complete(std::move(found.mapped()), asio::error::operation_aborted);
        });
}

node::sleeper_key node::add_sleeper(steady_time deadline, sleep_handler on_wake) {
    const sleeper_key key{deadline, ++process_->last_sleeper};
    process_->sleepers.emplace(key, std::move(on_wake));
    forget_wake();
    return key;
}

void node::complete(sleep_handler on_wake, boost::system::error_code ec) {
    clear_slot(on_wake);
    ready_ = true;
    asio::post(process_->io, asio::append(std::move(on_wake), ec));
}

void node::spawn(task<void> work) {
    if (crashed()) return;
    ready_ = true;
    auto rethrow = [](std::exception_ptr failed) {
        if (failed) std::rethrow_exception(failed);
    };
    asio::co_spawn(process_->io, std::move(work), rethrow);
}

void node::post(std::function<void()> work) {
    if (crashed()) return;
    ready_ = true;
    asio::post(process_->io, std::move(work));
}

void node::post_at(steady_time deadline, std::function<void()> work) {
    if (crashed()) return;
    auto run = [work = std::move(work)](boost::system::error_code) { work(); };
    add_sleeper(deadline, std::move(run));
}

void node::keep(std::shared_ptr<void> belonging) {
    process_->belongings.push_back(std::move(belonging));
}

void node::at_end(std::function<void()> let_go) { process_->at_end.push_back(std::move(let_go)); }

steady_time node::look_for_wake() const noexcept {
    const auto& sleepers = process_->sleepers;
    const bool sleeps = runs() && !sleepers.empty();
    wake_ = sleeps ? clock_.when(sleepers.begin()->first.first) : steady_time::max();
    wake_known_ = true;
    return wake_;
}

void node::wake_due() {
    auto& sleepers = process_->sleepers;
    while (next_wake() <= world_.now()) {
        auto due = sleepers.extract(sleepers.begin());
        forget_wake();
        complete(std::move(due.mapped()), {});
    }
}

void node::resume() {
    if (!std::exchange(paused_, false)) return;
    forget_wake();
    arrivals_first_ = ++pauses_ % 2 == 0;
}

void node::take_arrivals() {
    process_->io.restart();
    while (process_->io.poll() > 0 && !crash_wanted_) process_->io.restart();
    settle_crash();
}

bool node::poll() {
    if (!runs()) return false;
    if (std::exchange(arrivals_first_, false)) {
        take_arrivals();
        if (!runs()) return true;
    }
    wake_due();
    if (!ready_) return false;
    ready_ = false;
    process_->io.restart();
    const bool moved = process_->io.poll() > 0;
    settle_crash();
    return moved;
}

void node::settle_crash() {
    if (!crash_wanted_) return;
    crash_wanted_ = alive_ = false;
    forget_wake();
    process_->end();
    if (on_crash) on_crash();
}

void node::restart() {
    if (!owns_everything) graves_.push_back(std::move(process_));
    process_ = std::make_unique<process>();
    ++incarnation_;
    alive_ = ready_ = true;
    paused_ = false;
    forget_wake();
}

}  // namespace holdfast::sim
