// The promises of docs/guarantees.md 3b, on the true clock.
#include "sim/lock/quorum_checker.hpp"

#include "sim/world/store_view.hpp"

#include <algorithm>

namespace holdfast::sim {

std::shared_ptr<believer> quorum_checker::on_belief(node& by, const lease& what) {
    std::erase_if(believers_, [](const auto& who) { return who->over || !who->exists(); });
    auto fresh = std::make_shared<believer>(by, what);
    believers_.push_back(fresh);
    check_alone(*fresh);
    check_majority(*fresh);
    check_token(what);
    return fresh;
}

// A clock that steps frees what it should keep, or makes data look older than it is.
bool quorum_checker::clocks_stepped_since(steady_time when) {
    for (std::size_t i = 0; i < stores_.size(); ++i)
        if (stores_.at(i).stepped_at() >= when) return true;
    return false;
}

void quorum_checker::check_alone(const believer& fresh) {
    if (!fresh.believes()) return;
    for (const auto& other : believers_) {
        if (other.get() == &fresh || !other->believes()) continue;
        const auto first = std::min(other->asked_at(), fresh.asked_at());
        if (clocks_stepped_since(first - longest_)) continue;
        judge_.fail("exclusion", fresh.claim.name().str() + " is valid on " + fresh.host.name() +
                                     " and " + other->host.name());
    }
}

// Behind each believer stand enough servers that have the lease for as long as it believes, or have
// forgotten it since: they do not count for anybody until they are old enough.
void quorum_checker::check_majority(const believer& who) {
    if (!who.believes()) return;
    std::size_t behind = 0, silent = 0;
    for (std::size_t i = 0; i < stores_.size(); ++i) {
        const auto held = text_at(stores_.at(i), who.claim.name().str());
        const bool has = held && held->value == who.claim.owner().str();
        const bool enough = has && (!held->left || *held->left >= who.left());
        ++(enough || who.disturbed(stores_.at(i)) ? behind : silent);
    }
    if (silent > 0) judge_.mark("quorum: held by less than all");
    if (behind < stores_.majority())
        judge_.fail("exclusion", who.host.name() + " believes in " + who.claim.name().str() +
                                     " with only " + std::to_string(behind) + " of " +
                                     std::to_string(stores_.size()) + " behind it");
}

std::vector<std::uint64_t> quorum_checker::losses() {
    std::vector<std::uint64_t> now;
    for (std::size_t i = 0; i < stores_.size(); ++i) now.push_back(stores_.at(i).losses());
    return now;
}

// When a server that knew the token has forgotten it, the next one comes from the servers' clocks,
// and those may be behind the one it came from.
void quorum_checker::check_token(const lease& fresh) {
    const auto token = fresh.fence().value();
    const auto lost = losses();
    bool behind = false;
    for (std::size_t i = 0; i < stores_.size(); ++i) {
        const auto clock = stores_.at(i).clock().time_since_epoch().count();
        behind = behind || static_cast<std::uint64_t>(clock) <= highest_;
    }
    const bool excused = lost != losses_ && behind;
    if (token <= highest_ && !excused)
        judge_.fail("fence", fresh.name().str() + ": " + std::to_string(token) +
                                 " was granted after " + std::to_string(highest_));
    if (token <= highest_) {
        judge_.mark("quorum: tokens restarted, a clock was behind");
        written_ = 0;
    }
    highest_ = token;
    losses_ = lost;
}

void quorum_checker::on_extended(believer& who, steady_time valid_until) {
    who.extend(valid_until);
    check_majority(who);
}

bool quorum_checker::write(const believer& who) {
    const auto token = who.claim.fence().value();
    if (token < written_) {
        judge_.mark("quorum: stale write refused");
        return false;
    }
    written_ = token;
    return true;
}

}  // namespace holdfast::sim
