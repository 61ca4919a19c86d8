// Shares one read among its callers.
#include "same_token/shared_read.hpp"

namespace holdfast {
namespace {

struct counted {
    int& count;
    explicit counted(int& c) : count(c) { ++count; }
    ~counted() { --count; }
    counted(const counted&) = delete;
};

}  // namespace

// A cancelled leader leaves the read to the next of those who wait.
struct shared_read::turn {
    shared_read& of;
    explicit turn(shared_read& r) : of(r) { of.leading_ = true; }
    ~turn() {
        of.leading_ = false;
        of.finished_event_.notify_all();
    }
    turn(const turn&) = delete;
};

task<error_code> shared_read::read_now() {
    if (waiting_ >= most_waiting) co_return make_error_code(errc::overloaded);
    const counted here(waiting_);
    const auto mine = started_ + 1;
    while (finished_ < mine) {
        if (leading_)
            co_await finished_event_.wait();
        else
            co_await lead();
    }
    co_return said_;
}

task<void> shared_read::lead() {
    const turn here(*this);
    co_await runtime_.sleep_until(next_allowed_);
    next_allowed_ = runtime_.now() + least_pause;
    const auto number = ++started_;
    const auto said = co_await read_();
    said_ = said;
    finished_ = number;
}

}  // namespace holdfast
