// The rotation script by itself, its clock in the test's hand.
#include "same_token_scripts.hpp"
#include "store/embedded/embedded_engine.hpp"

#include <gtest/gtest.h>

#include <set>

namespace holdfast {
namespace {

using namespace scripts::same_token;

// ttl, overlap, interval, delay; all ms.
struct timing {
    int ttl = 30000, overlap = 2000, interval = 5000, delay = 500;
};

class same_token_script : public testing::Test {
protected:
    struct seen {
        std::string what, current, past, next;
    };
    seen rotate(const std::string& fresh) {
        const std::vector<std::string> args{fresh,
                                            std::to_string(timing_.ttl),
                                            std::to_string(timing_.overlap),
                                            std::to_string(timing_.interval),
                                            std::to_string(timing_.delay),
                                            "fleet"};
        return as_seen(engine_.run(scripts::same_token::rotate, keys_, args, now_));
    }
    seen look() { return as_seen(engine_.run(read, keys_, {}, now_)); }
    static seen as_seen(const result<reply>& r) {
        EXPECT_TRUE(r) << r.error().message();
        const auto& v = r.value();
        return {std::string(v[0].as_text()), std::string(v[2].as_text()),
                std::string(v[4].as_text()), std::string(v[6].as_text())};
    }
    void pass(int ms) { now_ += milliseconds{ms}; }
    void remove(std::size_t key) {
        engine_
            .run({"test/del", "0000000000000000000000000000000000000000",
                  "return redis.call('DEL', KEYS[1])"},
                 std::span(&keys_[key], 1), {}, now_)
            .value();
    }

    timing timing_;
    embedded::embedded_engine engine_;
    wall_time now_ = from_unix_seconds(1'800'000'000);
    std::vector<std::string> keys_{"Authorization:var:same-token",
                                   "Authorization:var:past-same-token",
                                   "Authorization:var:same-token-meta"};
};

TEST_F(same_token_script, reading_never_mints) {
    EXPECT_EQ(look().current, "");
    EXPECT_EQ(rotate("").what, "same");
    EXPECT_EQ(look().current, "");
}

TEST_F(same_token_script, first_token_is_in_use_at_once) {
    EXPECT_EQ(rotate("A").what, "first");
    EXPECT_EQ(look().current, "A");
    EXPECT_EQ(look().past, "");
}

TEST_F(same_token_script, announces_then_swaps_then_forgets_the_past) {
    rotate("A");
    pass(5000);
    EXPECT_EQ(rotate("B").what, "announced");
    EXPECT_EQ(look().current, "A");
    EXPECT_EQ(look().next, "B");
    pass(499);
    EXPECT_EQ(rotate("").what, "same");
    pass(1);
    EXPECT_EQ(rotate("").what, "swapped");
    EXPECT_EQ(look().current, "B");
    EXPECT_EQ(look().past, "A");
    EXPECT_EQ(look().next, "");
    pass(1999);
    EXPECT_EQ(look().past, "A");
    pass(2);
    EXPECT_EQ(look().past, "");
}

TEST_F(same_token_script, sixteen_rotations_at_once_are_one) {
    rotate("A");
    pass(5000);
    std::set<std::string> next;
    int announced = 0;
    for (int i = 0; i < 16; ++i) {
        const auto seen = rotate("B" + std::to_string(i));
        announced += seen.what == "announced";
        next.insert(seen.next);
        EXPECT_EQ(seen.current, "A");
    }
    EXPECT_EQ(announced, 1);
    EXPECT_EQ(next.size(), 1u);
}

TEST_F(same_token_script, a_tick_that_fires_twice_rotates_once) {
    rotate("A");
    pass(4999);
    EXPECT_EQ(rotate("B").what, "same");
    pass(1);
    EXPECT_EQ(rotate("C").what, "announced");
    EXPECT_EQ(rotate("C").what, "same") << "a repeat after a lost reply";
    pass(500);
    EXPECT_EQ(rotate("D").what, "swapped");
    EXPECT_EQ(rotate("E").what, "same");
    EXPECT_EQ(look().current, "C");
}

TEST_F(same_token_script, a_late_swap_still_gives_the_old_token_its_overlap) {
    rotate("A");
    pass(5000);
    rotate("B");
    pass(20000);  // nobody was alive to finish it
    EXPECT_EQ(rotate("C").what, "swapped");
    EXPECT_EQ(look().past, "A");
    pass(1999);
    EXPECT_EQ(rotate("D").what, "same") << "a second announcement would shorten the overlap";
    EXPECT_EQ(look().past, "A");
}

TEST_F(same_token_script, a_current_that_expired_is_still_the_past_of_its_successor) {
    rotate("A");
    pass(30001);
    EXPECT_EQ(look().current, "");
    EXPECT_EQ(rotate("B").what, "first");
    EXPECT_EQ(look().current, "B");
    EXPECT_EQ(look().past, "A");
}

TEST_F(same_token_script, a_token_a_java_service_wrote_is_taken_over) {
    rotate("A");
    engine_
        .run({"test/set", "0000000000000000000000000000000000000001",
              "redis.call('SET', KEYS[2], redis.call('GET', KEYS[1]), 'EX', 86400) "
              "return redis.call('SET', KEYS[1], 'J', 'EX', 86400)"},
             keys_, {}, now_)
        .value();
    pass(5000);
    rotate("B");
    pass(500);
    EXPECT_EQ(rotate("").what, "swapped");
    EXPECT_EQ(look().current, "B");
    EXPECT_EQ(look().past, "J");
}

TEST_F(same_token_script, losing_the_meta_hash_loses_no_token) {
    rotate("A");
    pass(5000);
    rotate("B");
    remove(2);
    EXPECT_EQ(rotate("").what, "same");
    EXPECT_EQ(look().current, "A");
    EXPECT_EQ(rotate("C").what, "announced");
}

TEST_F(same_token_script, a_clock_that_went_back_stops_nothing) {
    rotate("A");
    pass(5000);
    rotate("B");
    pass(-3'600'000);
    EXPECT_EQ(rotate("").what, "swapped");
    EXPECT_EQ(look().current, "B");
    pass(5000);
    EXPECT_EQ(rotate("C").what, "announced");
}

}  // namespace
}  // namespace holdfast
