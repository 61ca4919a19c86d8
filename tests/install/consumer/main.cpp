// A program that knows Holdfast only as it is installed.
#include <holdfast/mutex.hpp>
#include <holdfast/open.hpp>

#include <cstdio>
#include <mutex>

int main() {
    holdfast::client agree(holdfast::store_at("memory:"));
    {
        holdfast::mutex turn(agree, holdfast::lock_name("n"),
                             holdfast::lease_ttl(holdfast::seconds{10}));
        const std::unique_lock held(turn);
        std::puts(turn.fence() > holdfast::fencing_token{} ? "held" : "no fence");
    }
    agree.close();
}
