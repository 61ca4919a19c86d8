// Carries out what known_tokens decides: reads, rotates, keeps fresh.
#include "same_token/key_names.hpp"
#include "same_token/known_tokens.hpp"
#include "same_token/shared_read.hpp"

#include "same_token_scripts.hpp"

#include <algorithm>

namespace holdfast {
namespace {

void check_options(const same_token_options& o) {
    const auto zero = milliseconds::zero();
    const bool good = !o.token_name.empty() && o.interval > zero && o.activate_delay > zero &&
                      o.refresh_every > zero && o.stale_if_error > zero &&
                      o.ttl >= 3 * o.interval && o.interval / 2 >= o.activate_delay + o.overlap &&
                      o.overlap > 2 * o.refresh_every;
    if (!good) throw boost::system::system_error(make_error_code(errc::invalid_configuration));
}

rotation rotation_of(std::string_view what) {
    if (what == "first") return rotation::first;
    if (what == "announced") return rotation::announced;
    return what == "swapped" ? rotation::swapped : rotation::unchanged;
}

}  // namespace

struct same_token_service::state : std::enable_shared_from_this<state> {
    state(runtime& rt_, store& shared_, journal& events_, same_token_options options_)
        : rt(rt_),
          shared(shared_),
          events(events_),
          options(std::move(options_)),
          reads(rt_, [this] { return read(); }),
          nudge(rt_.executor()) {}

    script_keys keys() const {
        auto [current, past, meta] = same_token_keys(options.token_name);
        return script_keys(std::move(current), std::move(past), std::move(meta));
    }

    void listen() {
        const auto wake = [weak = weak_from_this()] {
            if (const auto self = weak.lock()) self->wake_up();
        };
        heard = shared.pushes().listen("same", [wake](std::string_view) { wake(); });
        reconnected = shared.pushes().on_reconnect(wake);
    }
    void wake_up() {
        told = true;
        nudge.notify_all();
    }

    error_code learn(const result<reply>& answer, steady_time asked_at) {
        if (!answer) return answer.error();
        auto read = known_tokens::read(*answer, asked_at, rt.now());
        if (!read) return read.error();
        if (!known || known->asked_at <= asked_at) known = std::move(*read);
        return {};
    }

    task<error_code> read() {
        const auto self = shared_from_this();
        const auto asked_at = rt.now();
        script_args none;
        const auto answer = co_await shared.run(scripts::same_token::read, keys(), std::move(none));
        co_return learn(answer, asked_at);
    }

    task<result<rotation>> step(std::string fresh) {
        const auto self = shared_from_this();
        const auto asked_at = rt.now();
        script_args args(std::move(fresh), options.ttl.count(), options.overlap.count(),
                         (options.interval / 2).count(), options.activate_delay.count(),
                         shared.fleet_channel());
        const auto answer =
            co_await shared.run(scripts::same_token::rotate, keys(), std::move(args));
        if (const auto failed = learn(answer, asked_at)) co_return failed;
        const auto what = rotation_of((*answer)[0].as_text());
        if (what != rotation::unchanged)
            events.record({event_kind::same_token_rotated,
                           options.token_name,
                           {},
                           known->generation,
                           (*answer)[0].as_text()});
        wake_up();
        co_return what;
    }

    bool usable() const { return known && rt.now() - known->asked_at <= options.stale_if_error; }
    result<std::string_view> to_send() const {
        if (!usable()) return errc::store_unavailable;
        const auto* token = known->to_send(rt.now(), options.overlap);
        if (token == nullptr) return errc::not_found;
        return std::string_view(*token);
    }
    std::optional<same_token_match> recognise(std::string_view presented) const {
        if (!usable()) return std::nullopt;
        const auto match = known->match(presented, rt.now());
        if (match == same_token_match::refused) return std::nullopt;
        return match;
    }

    // Whoever swapped has announced it activate_delay before, and the old token has lived on for
    // the overlap: what was true so recently is still taken everywhere.
    bool fresh() const {
        return known && rt.now() - known->asked_at < (options.activate_delay + options.overlap) / 2;
    }
    bool swap_is_due() const { return known && known->next && rt.now() >= known->due; }

    // When to look next if nobody says anything.
    steady_time next_look(bool failed) const {
        const auto regular = rt.now() + options.refresh_every;
        if (failed || !known || !known->next) return regular;
        return std::min<steady_time>(regular, std::max(known->due, rt.now() + milliseconds{10}));
    }

    runtime& rt;
    store& shared;
    journal& events;
    same_token_options options;
    std::optional<known_tokens> known = {};
    shared_read reads;
    wake_event nudge;
    bool told = false;
    push_dispatcher::registration heard = {};
    push_dispatcher::registration reconnected = {};
};

same_token_service::same_token_service(runtime& rt, store& shared, journal& events,
                                       same_token_options options) {
    check_options(options);
    state_ = std::make_shared<state>(rt, shared, events, std::move(options));
    state_->listen();
}

same_token_service::~same_token_service() {
    state_->heard = {};  // the store may be gone before the last call under way lets go
    state_->reconnected = {};
}

task<result<rotation>> same_token_service::rotate() {
    const auto self = state_;
    auto fresh = random_token(self->rt);
    co_return co_await self->step(std::move(fresh));
}

task<void> same_token_service::run() {
    const auto self = state_;
    for (;;) {
        self->told = false;
        bool failed = false;
        if (self->swap_is_due()) {
            std::string nothing_fresh;
            const auto done = co_await self->step(std::move(nothing_fresh));
            failed = done.has_error();
            self->told = false;
        } else {
            failed = static_cast<bool>(co_await self->reads.read_now());
        }
        const auto until = self->next_look(failed);
        while (!self->told && self->rt.now() < until) {
            co_await self->nudge.wait_until(self->rt, until);
        }
    }
}

namespace {

result<std::string> copy_of(const result<std::string_view>& text) {
    if (!text) return text.error();
    return std::string(*text);
}

}  // namespace

result<std::string> same_token_service::current() const { return copy_of(state_->to_send()); }

std::optional<result<std::string_view>> same_token_service::fresh_current_here() const {
    if (!state_->fresh()) return std::nullopt;
    return state_->to_send();
}

task<result<std::string>> same_token_service::fresh_current() {
    const auto self = state_;
    if (!self->fresh()) {
        const auto failed = co_await self->reads.read_now();
        if (failed && !self->usable()) co_return failed;
    }
    co_return copy_of(self->to_send());
}

std::optional<same_token_match> same_token_service::check_known(std::string_view presented) const {
    return state_->recognise(presented);
}

task<result<same_token_match>> same_token_service::check(std::string presented) {
    const auto self = state_;
    if (const auto match = self->recognise(presented)) co_return *match;
    const auto failed = co_await self->reads.read_now();
    if (failed) co_return failed;
    const auto match = self->recognise(presented);
    if (match) co_return *match;
    self->events.record({event_kind::same_token_refused, self->options.token_name});
    co_return same_token_match::refused;
}

}  // namespace holdfast
