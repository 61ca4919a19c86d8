// From events to instruments.
#include "holdfast/lock_metrics.hpp"

#include "base/metrics.hpp"
#include "holdfast/lease.hpp"

#include <array>
#include <charconv>
#include <mutex>
#include <unordered_map>

namespace holdfast {
namespace {

constexpr std::array reasons{lost_reason::expired_locally, lost_reason::taken_over,
                             lost_reason::broken, lost_reason::erased};
// An attempt that was given up leaves no event, so entries may pile up: then all are forgotten.
constexpr std::size_t most_followed = 200'000;

// Other rooms' events, some of them on hot paths, pass without a mutex.
bool is_about_locks(event_kind kind) {
    switch (kind) {
        case event_kind::lock_waiting:
        case event_kind::lease_acquired:
        case event_kind::lease_accepted:
        case event_kind::lease_extended:
        case event_kind::lease_released:
        case event_kind::lease_lost: return true;
        default: return false;
    }
}

struct stay {
    steady_time since;
    bool waiting;
};

}  // namespace

struct lock_metrics::parts {
    parts(metrics* shared, const runtime& c, journal& n)
        : own(shared == nullptr ? std::make_unique<metrics>() : nullptr),
          all(shared == nullptr ? *own : *shared),
          clock(c),
          next(n),
          wait(all.histogram(
              {"holdfast_lock_wait_seconds", "From joining a lock's queue to the grant."})),
          hold(all.histogram(
              {"holdfast_lock_hold_seconds", "From the grant of a lock to its release or loss."})),
          margin(all.histogram(
              {"holdfast_lock_margin_seconds", "What was left of a lease when it was extended."})),
          acquired(all.counter({"holdfast_lock_acquired_total", "Locks granted."})),
          handovers(all.counter({"holdfast_lock_handovers_total", "Locks granted after a wait."})),
          brain_splits(all.counter({"holdfast_lock_brain_splits_total",
                                    "Leases lost to somebody else while still believed in."})) {
        for (std::size_t i = 0; i < reasons.size(); ++i)
            lost[i] = &all.counter(
                {"holdfast_lock_lost_total", "Leases that ended before they were given back."},
                {{"reason", std::string(name_of(reasons[i]))}});
    }

    void begin_wait(const std::string& owner) {
        if (stays.size() >= most_followed) stays.clear();
        stays.try_emplace(owner, clock.now(), true);
    }

    void begin_hold(const std::string& owner) {
        const auto now = clock.now();
        acquired.add();
        const auto found = stays.find(owner);
        if (found != stays.end() && found->second.waiting) {
            handovers.add();
            wait.observe_ns((now - found->second.since).count());
        }
        if (stays.size() >= most_followed) stays.clear();
        stays.insert_or_assign(owner, stay{now, false});
    }

    void end_hold(const std::string& owner) {
        const auto found = stays.find(owner);
        if (found == stays.end()) return;
        hold.observe_ns((clock.now() - found->second.since).count());
        stays.erase(found);
    }

    void lose(std::string_view reason) {
        for (std::size_t i = 0; i < reasons.size(); ++i)
            if (name_of(reasons[i]) == reason) lost[i]->add();
        if (reason == name_of(lost_reason::taken_over)) brain_splits.add();
    }

    void note_margin(std::string_view us) {
        std::int64_t left = 0;
        const auto read = std::from_chars(us.data(), us.data() + us.size(), left);
        if (read.ec == std::errc()) margin.observe_ns(left * 1000);
    }

    void take(const event& what) {
        const std::lock_guard guard(mutex);
        const std::string owner(what.who);
        switch (what.kind) {
            case event_kind::lock_waiting: return begin_wait(owner);
            case event_kind::lease_accepted:
            case event_kind::lease_acquired: return begin_hold(owner);
            case event_kind::lease_extended: return note_margin(what.detail);
            case event_kind::lease_released: return end_hold(owner);
            case event_kind::lease_lost: lose(what.detail); return end_hold(owner);
            default: return;
        }
    }

    std::unique_ptr<metrics> own;
    metrics& all;
    const runtime& clock;
    journal& next;
    histogram& wait;
    histogram& hold;
    histogram& margin;
    counter& acquired;
    counter& handovers;
    counter& brain_splits;
    std::array<counter*, reasons.size()> lost{};
    std::mutex mutex;
    std::unordered_map<std::string, stay> stays;  // by owner id
};

lock_metrics::lock_metrics(const runtime& clock, journal& next)
    : parts_(std::make_unique<parts>(nullptr, clock, next)) {}

lock_metrics::lock_metrics(metrics& into, const runtime& clock, journal& next)
    : parts_(std::make_unique<parts>(&into, clock, next)) {}

lock_metrics::~lock_metrics() = default;

void lock_metrics::record(const event& what) {
    if (is_about_locks(what.kind)) parts_->take(what);
    parts_->next.record(what);
}

std::string lock_metrics::exposition() const { return parts_->all.exposition(); }

}  // namespace holdfast
