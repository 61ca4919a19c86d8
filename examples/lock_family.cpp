// The members of the lock family, one scene each, from threads.
//
// Usage: lock_family [STORE_URL]     (default: memory:, which only this process sees)
#include "holdfast/barrier.hpp"
#include "holdfast/election.hpp"
#include "holdfast/fencing.hpp"
#include "holdfast/latch.hpp"
#include "holdfast/multi_lock.hpp"
#include "holdfast/mutex.hpp"
#include "holdfast/open.hpp"
#include "holdfast/quorum_mutex.hpp"
#include "holdfast/recursive_mutex.hpp"
#include "holdfast/rw_lock.hpp"
#include "holdfast/semaphore.hpp"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <shared_mutex>
#include <thread>
#include <vector>

namespace {

using namespace holdfast;

void check(bool held, const char* scene) {
    std::printf("%-10s %s\n", scene, held ? "as promised" : "BROKEN");
    if (!held) std::exit(1);
}

void recursion(client& agree) {
    recursive_mutex house(agree, lock_name("example:house"));
    const std::unique_lock outer(house);
    const std::unique_lock inner(house);  // no round trip, the same hold
    check(house.hold_count() == 2, "recursive");
}

void readers(client& agree) {
    rw_lock catalogue(agree, lock_name("example:catalogue"));
    {
        const std::shared_lock reading(catalogue);
        check(catalogue.reason() == lost_reason::none, "read");
    }
    catalogue.lock_intent();  // look, while others read; nobody else can plan a change
    catalogue.upgrade();      // the readers have left
    catalogue.downgrade();    // readers come back in, and this thread is one of them
    check(catalogue.fence() > fencing_token(), "rw");
    catalogue.unlock();
}

void downloads(client& agree) {
    semaphore slots(agree, lock_name("example:downloads"), permits(10));
    const auto small = slots.acquire();
    const auto large = slots.acquire(permits(8));
    check(!slots.try_acquire(permits(2)), "semaphore");
}

void transfer(client& agree, fence_gate& bank) {
    const lock_name from("example:account:1");
    const lock_name to("example:account:2");
    multi_lock both(agree, lock_names({to, from}));
    auto held = both.acquire();
    const bool paid = bank.admit({from.str()}, held.grant.fence_of(from)) &&
                      bank.admit({to.str()}, held.grant.fence_of(to));
    check(paid && held.kept.release(), "multi");
}

void gather(client& agree) {
    latch started(agree, lock_name("example:started"));
    started.create(3);
    std::vector<std::jthread> workers;
    for (int i = 0; i < 3; ++i)
        workers.emplace_back([&, i] {
            barrier round(agree, lock_name("example:round"), 3);
            started.count_down(latch_token("worker " + std::to_string(i)));
            round.arrive();
        });
    started.wait();
    workers.clear();
    check(true, "gather");
}

void lead(client& agree) {
    election office(agree, lock_name("example:office"));
    auto mine = office.campaign(leader_value("10.0.0.7:8080"));
    const auto seen = office.current();
    check(seen && seen->value == "10.0.0.7:8080" && seen->fence == mine.fence(), "election");
    check(mine.release() && !office.current(), "resign");
}

void over_servers() {
    quorum_options options;
    options.longest_lease = seconds{1};  // so old must a server be to count; these are new
    quorum_client agree(
        {{"a", store_at("memory:")}, {"b", store_at("memory:")}, {"c", store_at("memory:")}},
        options);
    quorum_mutex turn(agree, lock_name("example:turn"), lease_ttl(seconds{1}));
    turn.lock();  // while two of the three are there
    check(turn.fence() > fencing_token(), "quorum");
    turn.unlock();
    agree.close();
}

void hand_over(client& agree) {
    const lock_name name("example:errand");
    acquire_options how;
    how.head_start = seconds{5};       // before those who came up to 5 s earlier
    how.terms.cool_down = seconds{1};  // when this process crashes
    auto held = blocking_lease::take(
        agree, [=](locker& locks) { return locks.acquire(name, lease_ttl(seconds{10}), how); });
    const auto text = held->kept()->offer().str();  // to another process, which accepts:
    auto taken = blocking_lease::take(
        agree, [=](locker& locks) { return locks.accept(lease_offer::parse(text).value()); });
    check(taken->fence() > held->fence() && !held->release(), "transfer");
    const auto told = agree.run([=](locker& locks) { return locks.request_revoke(name); });
    check(told.value(), "revoke");  // taken->kept()->revoke_requested() fires
    taken->release();
}

void report(client& agree, const std::filesystem::path& folder) {
    mutex turn(agree, lock_name("example:report"));
    const std::unique_lock held(turn);
    {
        const auto in = fence_file(folder / "fence").admit(turn.fence());
        if (!in) return check(false, "file");  // lease_lost: a newer holder has written
        std::ofstream(folder / "report") << "all is well\n";  // no other admission until `in` goes
    }
    check(!fence_file(folder / "fence").admit(fencing_token(1)), "file");
}

}  // namespace

int main(int argc, char** argv) {
    client agree(store_at(argc > 1 ? argv[1] : "memory:"));
    fence_gate bank;
    recursion(agree);
    readers(agree);
    downloads(agree);
    transfer(agree, bank);
    gather(agree);
    lead(agree);
    over_servers();
    hand_over(agree);
    std::string folder = (std::filesystem::temp_directory_path() / "lock-family-XXXXXX").string();
    if (mkdtemp(folder.data()) == nullptr) return 1;
    report(agree, folder);
    std::filesystem::remove_all(folder);
    agree.close();
}
