// The keep-alive's decisions, as a table of situations.
#include "lock/keep_alive.hpp"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

using kind = keep_alive_action::kind;
using namespace keep_alive_event;

constexpr steady_time start{seconds{1000}};

/// A lease of 3 s asked for at `start`: ends locally at start + 3 s − 32 ms.
keep_alive fresh(nanoseconds margin = {}) {
    const lease held(lock_name("a"), owner_id(), fencing_token(1), lease_ttl(seconds{3}), start);
    return keep_alive(held, margin);
}

const steady_time local_end = start + milliseconds{2968};

TEST(keep_alive, sleeps_until_a_third_of_the_ttl) {
    auto state = fresh();
    const auto next = keep_alive_step(state, tick{}, start + milliseconds{5});
    EXPECT_EQ(next.what, kind::sleep);
    EXPECT_EQ(next.until, start + seconds{1});
}

TEST(keep_alive, extends_when_a_third_has_passed_and_waits_no_longer_than_the_deadline) {
    auto state = fresh(milliseconds{500});
    const auto next = keep_alive_step(state, tick{}, start + seconds{1});
    EXPECT_EQ(next.what, kind::extend);
    EXPECT_EQ(next.until, local_end - milliseconds{500});
}

TEST(keep_alive, counts_an_extension_from_when_it_was_asked_for) {
    auto state = fresh();
    const auto asked = start + seconds{1};
    const auto next = keep_alive_step(state, extended{asked}, start + milliseconds{1900});
    EXPECT_EQ(state.valid_until, asked + milliseconds{2968});
    EXPECT_EQ(next.what, kind::sleep);
    EXPECT_EQ(next.until, asked + seconds{1});
}

TEST(keep_alive, tries_again_soon_when_the_store_does_not_answer) {
    auto state = fresh();
    auto now = start + seconds{1};
    auto pause = nanoseconds{0};
    for (int i = 0; i < 5; ++i) {
        const auto next = keep_alive_step(state, unanswered{}, now);
        ASSERT_EQ(next.what, kind::sleep);
        EXPECT_GT(next.until, now);
        EXPECT_LE(next.until - now, milliseconds{250});
        EXPECT_GE(next.until - now, pause);
        pause = next.until - now;
        now = next.until;
        EXPECT_EQ(keep_alive_step(state, tick{}, now).what, kind::extend);
    }
}

struct loss {
    const char* name;
    any_keep_alive_event event;
    nanoseconds after;
    lost_reason reason;
};

TEST(keep_alive, is_lost) {
    const loss table[] = {
        {"the local end came", tick{}, milliseconds{2968}, lost_reason::expired_locally},
        {"the process slept far beyond it", tick{}, hours{3}, lost_reason::expired_locally},
        {"no answer until the end", unanswered{}, seconds{3}, lost_reason::expired_locally},
        {"an extension was confirmed too late", extended{start - seconds{2}}, seconds{1},
         lost_reason::expired_locally},
        {"somebody else holds it", refused{lost_reason::taken_over}, seconds{1},
         lost_reason::taken_over},
        {"the store forgot it", refused{lost_reason::erased}, seconds{1}, lost_reason::erased},
        {"somebody broke it", broken{}, milliseconds{1}, lost_reason::broken},
    };
    for (const auto& row : table) {
        auto state = fresh();
        const auto next = keep_alive_step(state, row.event, start + row.after);
        EXPECT_EQ(next.what, kind::lost) << row.name;
        EXPECT_EQ(next.reason, row.reason) << row.name;
    }
}

TEST(keep_alive, is_lost_earlier_by_the_stop_margin) {
    auto state = fresh(seconds{1});
    EXPECT_EQ(keep_alive_step(state, unanswered{}, local_end - milliseconds{1001}).what,
              kind::sleep);
    EXPECT_EQ(keep_alive_step(state, tick{}, local_end - seconds{1}).what, kind::lost);
}

TEST(keep_alive, never_sleeps_past_the_deadline) {
    auto state = fresh();
    const auto next = keep_alive_step(state, unanswered{}, local_end - milliseconds{1});
    EXPECT_EQ(next.until, local_end);
}

TEST(lease, of_no_more_than_the_drift_margin_is_never_valid) {
    const lease tiny(lock_name("a"), owner_id(), fencing_token(1), lease_ttl(milliseconds{1}),
                     start);
    EXPECT_FALSE(tiny.valid(start));
    EXPECT_FALSE(lease().valid(steady_time{}));
}

}  // namespace
}  // namespace holdfast
