// `holdfast lock` on every member of the family: what it lists, explains and breaks.
#include "cli/lock/lock_commands.hpp"
#include "client/open_store.hpp"
#include "holdfast/barrier.hpp"
#include "holdfast/client.hpp"
#include "holdfast/election.hpp"
#include "holdfast/latch.hpp"
#include "holdfast/mutex.hpp"
#include "holdfast/rw_lock.hpp"
#include "holdfast/semaphore.hpp"

#include <mutex>
#include <thread>

namespace holdfast::test {
namespace {

class lock_kinds : public lock_commands {
protected:
    std::unique_ptr<store_source> open() {
        std::string why;
        const logger log(log_level::off, log_format::text);
        return store_source::open({.url = redis.url()}, log, why).value();
    }
    std::string say(std::vector<std::string> words, int code = 0) const {
        words.insert(words.begin(), "lock");
        auto child = finish(std::move(words));
        EXPECT_EQ(child.wait_code(), code) << child.err();
        return child.out() + child.err();
    }
    /// The line of `ls` that begins with the name.
    std::string line(const std::string& name) const {
        const auto all = "\n" + say({"ls"});
        const auto at = all.find("\n" + name + "\t");
        return at == all.npos ? "" : all.substr(at + 1, all.find('\n', at + 1) - at - 1);
    }

    std::unique_ptr<store_source> source = open();
    client agree{[this](runtime& rt) { return source->attach(rt, null_journal()); }};
};

TEST_F(lock_kinds, ls_has_them_all_with_their_kind_holders_and_permits) {
    rw_lock book(agree, lock_name("book"));
    book.lock_shared();
    semaphore slots(agree, lock_name("slots"), permits(10));
    const auto three = slots.acquire(permits(3)), four = slots.acquire(permits(4));
    election office(agree, lock_name("office"));
    const auto leader = office.campaign(leader_value("10.0.0.7:80"));
    latch ready(agree, lock_name("ready"));
    ready.create(3);
    ready.count_down(latch_token("one"));
    std::jthread waits([&] { EXPECT_TRUE(ready.wait_for(seconds{60})); });
    await_queue('s', "ready", "1");

    EXPECT_TRUE(has(line("book"), "\tkind=rw\tholders=1")) << line("book");
    EXPECT_TRUE(has(line("slots"), "2 share it\t")) << line("slots");
    EXPECT_TRUE(has(line("slots"), "\tkind=semaphore\tholders=2\tpermits=7/10")) << line("slots");
    EXPECT_TRUE(has(line("office"), "\tkind=election")) << line("office");
    EXPECT_TRUE(has(line("ready"), "waiting=1\tkind=latch\tcome=1/3")) << line("ready");
    const auto top = say({"top", "--once"});
    EXPECT_TRUE(top.starts_with("4 locks, 1 waiting\n")) << top;
    EXPECT_TRUE(has(top, "semaphore slots")) << top;
    const auto json = say({"ls", "--json"});
    EXPECT_TRUE(has(json, "{\"name\":\"slots\",\"kind\":\"semaphore\",\"held\":true")) << json;
    EXPECT_TRUE(has(json, "\"in_use\":7,\"capacity\":10")) << json;
    EXPECT_TRUE(has(json, "\"kind\":\"election\",\"leader\":\"10.0.0.7:80\",")) << json;
    EXPECT_TRUE(has(say({"show", "slots"}), ", 3 permits, fence ")) << say({"show", "slots"});
    EXPECT_TRUE(has(say({"show", "ready"}), "counted   1/3\n"));
    EXPECT_TRUE(has(say({"who", "book"}), "holder    ")) << say({"who", "book"});
    EXPECT_TRUE(has(say({"who", "ready"}, 1), "nobody holds a latch"));
    ready.count_down(latch_token("two"));
    ready.count_down(latch_token("three"));
    book.unlock_shared();
}

TEST_F(lock_kinds, why_gives_the_reason_in_words_and_in_json) {
    rw_lock book(agree, lock_name("book"));
    book.lock_shared();
    semaphore slots(agree, lock_name("slots"), permits(2));
    const auto two = slots.acquire(permits(2));
    EXPECT_TRUE(has(say({"why", "book"}), " reads book, for another "));
    EXPECT_TRUE(has(say({"why", "book", "-s"}), ", and one more may\n"));
    EXPECT_TRUE(has(say({"why", "slots"}), "0 of 2 permits of slots are free and 1 wanted"));
    const auto json = say({"why", "slots", "--permits", "3", "--json"});
    EXPECT_TRUE(has(json, "\"reason\":\"capacity\",\"sentence\":\"3 permits of slots are never"))
        << json;
    EXPECT_TRUE(has(say({"why", "free"}), "nobody has free\n"));
    EXPECT_TRUE(has(say({"why", "free", "--owner", "x"}), "x does not wait for free\n"));
    say({"why", "slots", "--permits", "0"}, 2);
    book.unlock_shared();
}

// Each thread is an agent, also where it waits for no lease.
TEST_F(lock_kinds, why_follows_a_thread_to_the_barrier_or_latch_where_it_waits) {
    latch ready(agree, lock_name("ready"));
    ready.create(1);
    mutex first(agree, lock_name("first")), second(agree, lock_name("second"));
    std::jthread at_latch([&] {
        const std::lock_guard held(first);
        EXPECT_TRUE(ready.wait_for(seconds{60}));
    });
    std::jthread at_barrier([&] {
        const std::lock_guard held(second);
        barrier round(agree, lock_name("round"), 2);
        EXPECT_EQ(round.arrive_within(seconds{60}), 1U);
    });
    await_queue('s', "ready", "1");
    await_queue('s', "round", "1");
    EXPECT_TRUE(has(say({"why", "first"}), " itself waits: 1 of 1 counts of the latch ready"));
    EXPECT_TRUE(has(say({"why", "second"}), " itself waits: 1 of 2 parties have not arrived at"));
    ready.count_down(latch_token("one"));
    barrier(agree, lock_name("round"), 2).arrive();
}

TEST_F(lock_kinds, break_takes_one_share_or_all) {
    semaphore slots(agree, lock_name("slots"), permits(10));
    const auto one = slots.acquire(), two = slots.acquire(), three = slots.acquire();
    const auto json = say({"show", "slots", "--json"});
    const auto at = json.find("\"owner\":\"") + 9;
    const auto owner = json.substr(at, 32);
    EXPECT_TRUE(has(say({"break", "slots", "--holder", owner}), "slots broken; fences up to "));
    EXPECT_TRUE(has(say({"break", "slots", "--holder", owner}, 1), owner + " does not hold slots"));
    const auto lost = [&] {
        return one.lost().stop_requested() + two.lost().stop_requested() +
               three.lost().stop_requested();
    };
    EXPECT_TRUE(wait_until([&] { return lost() == 1; }));
    EXPECT_TRUE(has(line("slots"), "permits=2/10")) << line("slots");
    say({"break", "slots"});
    EXPECT_TRUE(wait_until([&] { return lost() == 3; }));
    EXPECT_EQ(line("slots"), "");
    EXPECT_TRUE(has(say({"break", "slots"}, 1), "nobody holds slots; nothing was done"));
}

}  // namespace
}  // namespace holdfast::test
