// Carries a lease to the client's thread and back.
#include "holdfast/blocking_lease.hpp"

namespace holdfast {
namespace {

using shared_lease = std::shared_ptr<scoped_lease>;

task<void> let_go(shared_lease) { co_return; }

task<result<bool>> give_back(shared_lease held) { co_return co_await held->release(); }

task<lease> read_current(shared_lease held) { co_return held->current(); }

task<bool> read_valid(shared_lease held, steady_time now) { co_return held->valid(now); }

}  // namespace

task<blocking_lease::kept_lease> blocking_lease::keep_what_comes(locker& locks,
                                                                 task<result<lease>> acquiring) {
    auto got = co_await std::move(acquiring);
    if (!got) co_return got.error();
    co_return std::make_shared<scoped_lease>(locks.keep(std::move(*got)));
}

void blocking_lease::drop() noexcept {
    if (!held_) return;
    auto last = std::make_shared<shared_lease>(std::move(held_));
    home_->spawn([last](locker&) { return let_go(std::move(*last)); });
    held_ = nullptr;
}

blocking_lease& blocking_lease::operator=(blocking_lease&& other) noexcept {
    if (this == &other) return *this;
    drop();
    home_ = other.home_;
    held_.swap(other.held_);
    return *this;
}

blocking_lease::~blocking_lease() { drop(); }

fencing_token blocking_lease::fence() const noexcept {
    return held_ ? held_->fence() : fencing_token();
}

std::stop_token blocking_lease::lost() const noexcept {
    return held_ ? held_->lost() : std::stop_token();
}

lost_reason blocking_lease::reason() const noexcept {
    return held_ ? held_->reason() : lost_reason::released;
}

bool blocking_lease::valid() const {
    if (!held_) return false;
    return home_->run([held = held_](locker& locks) { return read_valid(held, locks.now()); });
}

lease blocking_lease::current() const {
    if (!held_) return {};
    return home_->run([held = held_](locker&) { return read_current(held); });
}

bool blocking_lease::release() {
    if (!held_) return false;
    auto last = std::make_shared<shared_lease>(std::exchange(held_, nullptr));
    const auto answer = home_->run([last](locker&) { return give_back(std::move(*last)); });
    if (!answer) throw boost::system::system_error(answer.error(), "release");
    return *answer;
}

}  // namespace holdfast
