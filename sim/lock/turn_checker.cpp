// The order of docs/guarantees.md 3, as the store's data shows it.
#include "sim/lock/turn_checker.hpp"

#include "sim/world/store_view.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace holdfast::sim {
namespace {

std::string_view take(std::string_view& text, char until) {
    const auto part = text.substr(0, text.find(until));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    return part;
}

bool moves(std::string_view script) {
    return script == "lock/acquire" || script == "lock/release" || script == "lock/cancel_wait" ||
           script == "lock/force_break";
}

/// The script says that it has taken the lock from its holder.
bool has_freed(const executed& done) {
    if (!done.answer) return false;
    if (done.what.name == "lock/release") return done.answer->as_integer() == 1;
    if (done.what.name == "lock/cancel_wait") return done.answer->as_integer() == 2;
    return done.what.name == "lock/force_break" && (*done.answer)[0].as_integer() == 1;
}

}  // namespace

// "<owner>|<terms>|<who>#<agent>|<channel>"
turn_checker::waiter turn_checker::read(std::string_view member) {
    waiter who;
    who.owner = take(member, '|');
    take(member, '|');
    auto name = take(member, '|');
    take(name, '#');
    const auto& asked = wishes_[std::string(name)];
    who.patience_us = microseconds(asked.patience).count();
    who.head_start_us = microseconds(asked.head_start).count();
    who.channel = member;
    return who;
}

std::int64_t turn_checker::clock_us() const {
    return std::chrono::floor<microseconds>(home_.server.clock().time_since_epoch()).count();
}

void turn_checker::on_script(const executed& done) {
    forget_what_ended();
    if (done.keys.empty() || !done.keys[0].starts_with(prefix_)) return;
    if (!moves(done.what.name)) return look_at_holder(lines_[done.keys[0]], done.keys[0]);
    auto& of = lines_[done.keys[0]];
    of.key = done.keys[1];
    change what{done, of, clock_us(), done.what.name == "lock/acquire"};
    if (what.asks) {
        what.member = done.args[2];
        join(what);
    }
    if (done.what.name == "lock/cancel_wait") what.member = done.args[1];
    what.before = of.waiting;
    const auto held_before = of.holder;
    look(of, done.keys[0]);
    if (held_before != of.holder) find_winner(what);
    check_gone(what);
    if (!what.winner.empty()) check_winner(what);
    if (of.holder.empty() && !of.waiting.empty() && has_freed(done)) check_left_free(what);
}

void turn_checker::find_winner(change& what) {
    for (const auto& [member, place] : what.before)
        if (what.of.known[member].owner == what.of.holder) what.winner = member;
    if (what.asks && what.of.holder == what.done.args[0]) what.winner = what.member;
}

// A ticket is a place that it has had before, which the store has forgotten.
void turn_checker::join(change& what) {
    const auto& ticket = what.done.args[3];
    if (what.of.holder == what.done.args[0]) return;  // it asks again for what it has
    if (ticket == "-" || what.of.waiting.contains(what.member)) return;
    auto& who = what.of.known.try_emplace(what.member, read(what.member)).first->second;
    const auto place = ticket.empty() ? what.now_us - who.head_start_us : number(ticket);
    if (ticket.empty()) who.places.insert(place);
    what.of.waiting[what.member] = place;
}

turn_checker::queue turn_checker::read_queue(line& of) {
    queue found;
    for (const auto& [member, score] : scores_at(home_.server, of.key)) {
        const auto seen = of.waiting.find(member);
        const auto place =
            seen != of.waiting.end() ? seen->second : static_cast<std::int64_t>(score);
        if (!of.known[member].places.contains(place))
            judge_.fail("turns", of.key + ": " + member + " has a place that it was never given");
        found[member] = place;
    }
    return found;
}

void turn_checker::look(line& of, const std::string& name) {
    of.waiting = read_queue(of);
    of.ends_ms = end_of_set(home_.server, of.key);
    look_at_holder(of, name);
}

void turn_checker::look_at_holder(line& of, const std::string& name) {
    const auto holder = text_at(home_.server, name);
    of.holder = holder ? holder->value : std::string();
    of.holder_ends_ms.reset();
    if (holder && holder->left)
        of.holder_ends_ms =
            to_unix_ms(home_.server.clock() + std::chrono::floor<microseconds>(*holder->left));
}

void turn_checker::on_loss() {
    for (auto& [name, of] : lines_) {
        of.waiting.clear();
        look(of, name);
    }
}

// A holder's lease, and all of a queue when nobody has asked for a minute.
void turn_checker::forget_what_ended() {
    const auto now_ms = to_unix_ms(home_.server.clock());
    for (auto& [name, of] : lines_) {
        if (of.ends_ms && *of.ends_ms < now_ms) of.waiting.clear();
        if (of.holder_ends_ms && *of.holder_ends_ms < now_ms) of.holder.clear();
    }
}

// Its process does not listen, or its own time limit has passed.
bool turn_checker::waits_no_more(const waiter& who, std::int64_t place) {
    const bool late =
        who.patience_us > 0 && place + who.head_start_us + who.patience_us <= clock_us();
    return late || !home_.server.listens(who.channel);
}

void turn_checker::check_gone(const change& what) {
    for (const auto& [member, place] : what.before) {
        if (what.of.waiting.contains(member) || member == what.winner || member == what.member)
            continue;
        const auto& who = what.of.known[member];
        if (!waits_no_more(who, place))
            judge_.fail("turns", what.of.key + ": " + member + " has lost its place");
        judge_.mark(home_.server.listens(who.channel) ? "options: passed over, its time was up"
                                                      : "options: passed over, nobody listens");
    }
}

// Whether somebody in front may stay behind: barging ends when the first has waited so long.
bool turn_checker::may_pass(const change& what, const waiter& over, std::int64_t place) {
    if (waits_no_more(over, place)) return true;
    const auto barging_us = what.asks ? number(what.done.args[7]) * 1000 : 0;
    if (what.winner != what.member || what.now_us - place >= barging_us) return false;
    judge_.mark("options: taken ahead of those who wait");
    return true;
}

void turn_checker::check_winner(const change& what) {
    const auto found = what.before.find(what.winner);
    const auto place =
        found != what.before.end() ? found->second : std::numeric_limits<std::int64_t>::max();
    const auto& winner = what.of.known[what.winner];
    if (what.winner != what.member && waits_no_more(winner, place))
        judge_.fail("turns", what.of.key + ": " + what.winner + " got it and waits no more");
    for (const auto& [member, its_place] : what.before) {
        const auto& other = what.of.known[member];
        if (member == what.winner) continue;
        if (its_place < place && !may_pass(what, other, its_place))
            judge_.fail("turns", what.of.key + ": " + what.winner + " was served before " + member);
        if (place < its_place && its_place + other.head_start_us < place + winner.head_start_us)
            judge_.mark("options: served before one who came earlier");
    }
}

// Only a release may leave it to whoever asks first, and only until the first has waited so long.
void turn_checker::check_left_free(const change& what) {
    auto first = std::numeric_limits<std::int64_t>::max();
    for (const auto& [member, place] : what.of.waiting) first = std::min(first, place);
    const bool releases = what.done.what.name == "lock/release";
    const auto barging_us = releases ? number(what.done.args[4]) * 1000 : 0;
    if (what.now_us - first >= barging_us)
        judge_.fail("turns", what.of.key + " was left to whoever asks although its first waiter " +
                                 "has waited for " + std::to_string(what.now_us - first) + " us");
    judge_.mark("options: left to whoever asks first");
}

}  // namespace holdfast::sim
