// Events as metrics and log lines.
#include "cli/serve/daemon_journal.hpp"

namespace holdfast::cli {
namespace {

log_level level_of(event_kind kind) noexcept {
    switch (kind) {
        case event_kind::lease_lost:
        case event_kind::lock_broken:
        case event_kind::firing_missed:
        case event_kind::token_reused:
        case event_kind::store_down:
        case event_kind::clock_step: return log_level::warn;
        case event_kind::firing_claimed:
        case event_kind::firing_refused:
        case event_kind::firing_started:
        case event_kind::firing_finished:
        case event_kind::token_issued:
        case event_kind::token_renewed:
        case event_kind::session_revoked:
        case event_kind::user_revoked:
        case event_kind::login_failed:
        case event_kind::same_token_rotated:
        case event_kind::store_up: return log_level::info;
        default: return log_level::debug;
    }
}

}  // namespace

daemon_journal::daemon_journal(logger log, metrics& counts) : log_(std::move(log)) {
    const metric_name name{"holdfast_events_total", "What happened, by kind of event."};
    for (std::size_t i = 0; i < kinds; ++i) {
        const auto kind = static_cast<event_kind>(i);
        counters_[i] = &counts.counter(name, {{"event", std::string(name_of(kind))}});
    }
}

void daemon_journal::record(const event& what) {
    counters_[static_cast<std::size_t>(what.kind)]->add();
    const auto level = level_of(what.kind);
    if (!log_.enabled(level)) return;
    const std::initializer_list<log_field> fields{{"subject", std::string(what.subject)},
                                                  {"who", std::string(what.who)},
                                                  {"number", std::to_string(what.number)},
                                                  {"detail", std::string(what.detail)}};
    switch (level) {
        case log_level::warn: return log_.warn(name_of(what.kind), fields);
        case log_level::info: return log_.info(name_of(what.kind), fields);
        default: return log_.debug(name_of(what.kind), fields);
    }
}

}  // namespace holdfast::cli
