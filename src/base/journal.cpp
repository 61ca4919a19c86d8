// Event names.
#include "holdfast/journal.hpp"

namespace holdfast {

std::string_view name_of(event_kind kind) noexcept {
    switch (kind) {
        case event_kind::lease_acquired: return "lease.acquired";
        case event_kind::lease_extended: return "lease.extended";
        case event_kind::lease_released: return "lease.released";
        case event_kind::lease_lost: return "lease.lost";
        case event_kind::lock_waiting: return "lock.waiting";
        case event_kind::lock_order: return "lock.order";
        case event_kind::lease_accepted: return "lease.accepted";
        case event_kind::revoke_requested: return "lock.revoke_requested";
        case event_kind::lock_broken: return "lock.broken";
        case event_kind::firing_claimed: return "firing.claimed";
        case event_kind::firing_refused: return "firing.refused";
        case event_kind::firing_started: return "firing.started";
        case event_kind::firing_finished: return "firing.finished";
        case event_kind::firing_missed: return "firing.missed";
        case event_kind::token_issued: return "token.issued";
        case event_kind::token_renewed: return "token.renewed";
        case event_kind::token_accepted: return "token.accepted";
        case event_kind::token_refused: return "token.refused";
        case event_kind::token_confirmed: return "token.confirmed";
        case event_kind::token_reused: return "token.reused";
        case event_kind::session_revoked: return "session.revoked";
        case event_kind::user_revoked: return "user.revoked";
        case event_kind::login_failed: return "login.failed";
        case event_kind::same_token_rotated: return "same_token.rotated";
        case event_kind::same_token_refused: return "same_token.refused";
        case event_kind::store_up: return "store.up";
        case event_kind::store_down: return "store.down";
        case event_kind::clock_step: return "clock.step";
    }
    return "unknown";
}

journal& null_journal() noexcept {
    class drops_everything final : public journal {
    public:
        void record(const event&) override {}
    };
    static drops_everything instance;
    return instance;
}

}  // namespace holdfast
