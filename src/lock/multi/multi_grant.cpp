// KEYS, ARGV and replies as the heads of the multi scripts document them.
#include "lock/multi/multi_grant.hpp"

#include "lock/lock_keys.hpp"
#include "lock_scripts.hpp"

#include <algorithm>

namespace holdfast {

namespace lua = holdfast::scripts::lock;

script_keys multi_grant::keys(const lock_core& core) const {
    script_keys all;
    for (const auto& name : names_) {
        const auto of_one = all_keys_of(name, core.st.prefix());
        for (const auto& key : of_one.values()) all.add(key);
    }
    return all;
}

void multi_grant::add_floors(script_args& args, const lock_core& core) const {
    for (const auto& name : names_) add_floor(args, core, name);
}

multi_grant::leaving multi_grant::torn_from(const reply& answer, std::string member) {
    leaving what;
    what.ticket = answer[1].as_text();
    if (!what.ticket.empty()) what.member = std::move(member);
    for (std::size_t i = 2; i < answer.items().size(); ++i)
        what.fences.push_back(std::to_string(answer[i].as_integer()));
    return what;
}

task<result<reply>> multi_grant::ask(lock_core& core, lock_attempt& attempt) {
    while (true) {
        script_args args(attempt.owner.str(), attempt.ttl.span().count(), attempt.member(),
                         attempt.waits ? "1" : "0", attempt.ticket, provisional_lease.count());
        add_floors(args, core);
        auto answer = co_await core.st.run(lua::take_all, keys(core), std::move(args));
        if (!answer || (*answer)[0].as_integer() != -2) co_return answer;
        attempt.ticket.clear();
        auto torn = torn_from(*answer, attempt.member());
        const auto left = co_await leave(core, attempt.owner, std::move(torn));
        if (!left) co_return left.error();
    }
}

task<result<acquire_answer>> multi_grant::acquire(lock_core& core, lock_attempt& attempt) {
    const auto epoch = core.st.epoch();
    auto answer = co_await ask(core, attempt);
    if (!answer) co_return answer.error();
    auto read = read_acquire(*answer, attempt);
    if (!read || !read->fence) co_return read;
    fences_[0] = *read->fence;
    for (std::size_t i = 1; i < names_.size(); ++i) {
        fences_[i] = fencing_token(static_cast<std::uint64_t>((*answer)[i + 2].as_integer()));
        core.floors.learn(names_[i], epoch, fences_[i]);
    }
    co_return read;
}

task<result<bool>> multi_grant::leave(lock_core& core, owner_id owner, leaving what) {
    std::size_t released = 0;
    what.fences.resize(names_.size());
    while (true) {
        script_args args(owner.str(), what.member, provisional_lease.count(), what.ticket);
        for (std::size_t i = 0; i < names_.size(); ++i) {
            add_floor(args, core, names_[i]);
            args.add(what.fences[i]);
        }
        auto answer = co_await core.st.run(lua::release_all, keys(core), std::move(args));
        if (!answer) co_return answer.error();
        released += static_cast<std::size_t>((*answer)[0].as_integer());
        if ((*answer)[1].as_integer() == 0) co_return released == names_.size();
    }
}

task<result<void>> multi_grant::cancel(lock_core& core, const lock_attempt& attempt) {
    leaving everything;
    everything.member = attempt.member();
    const auto left = co_await leave(core, attempt.owner, std::move(everything));
    if (!left) co_return left.error();
    co_return result<void>();
}

task<result<bool>> multi_grant::release(lock_core& core, const lock_name&, owner_id owner) {
    leaving held;
    co_return co_await leave(core, owner, std::move(held));
}

task<result<extend_answer>> multi_grant::extend(lock_core& core, const lease& held) {
    script_keys locks;
    for (const auto& name : names_) locks.add(name.str());
    script_args args(held.owner().str(), held.ttl().span().count());
    auto answer = co_await core.st.run(lua::extend_all, std::move(locks), std::move(args));
    if (!answer) co_return answer.error();
    for (std::size_t i = 1; i < answer->items().size(); ++i) {
        const auto index = static_cast<std::size_t>((*answer)[i].as_integer()) - 1;
        if (index < names_.size()) note_lost(names_[index]);
    }
    co_return read_extend((*answer)[0]);
}

void multi_grant::broken(std::string_view name) {
    for (const auto& mine : names_)
        if (mine.str() == name) note_lost(mine);
}

void multi_grant::note_lost(const lock_name& name) {
    const std::lock_guard guarded(guard_);
    if (std::ranges::find(lost_, name) == lost_.end()) lost_.push_back(name);
}

std::vector<lock_name> multi_grant::lost_names() const {
    const std::lock_guard guarded(guard_);
    return lost_;
}

}  // namespace holdfast
