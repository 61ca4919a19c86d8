// All keys of one store, their values and when they expire.
#pragma once

#include "holdfast/time.hpp"
#include "store/embedded/effects.hpp"
#include "store/embedded/insertion_map.hpp"
#include "store/embedded/values.hpp"

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <limits>
#include <set>
#include <string_view>
#include <utility>

namespace holdfast::embedded {

/// Typed values under string keys. It has no clock: the caller sets `now` before each script, and
/// time stands still within it, as in Redis. A key whose expiry has passed is removed when it is
/// touched or by expire_due(), and that removal is an effect like any other; so a clock that steps
/// back later, or a replay, never brings it back to life.
///
/// Not thread-safe. Copies are deep: a copy is a snapshot.
class keyspace {
public:
    static constexpr std::int64_t never = std::numeric_limits<std::int64_t>::min();

    struct slot {
        value data;
        std::int64_t expires_at_ms = never;
    };
    using map = insertion_map<slot>;
    using entry = map::entry;

    /// What find() of a typed value answers: absent, present, or of another type.
    template <class T>
    struct typed {
        T* value = nullptr;
        bool wrong_type = false;
        explicit operator bool() const noexcept { return value != nullptr; }
        T* operator->() const noexcept { return value; }
        T& operator*() const noexcept { return *value; }
    };

    keyspace() = default;
    keyspace(const keyspace& other);
    keyspace(keyspace&&) noexcept = default;
    keyspace& operator=(keyspace&&) noexcept = default;
    keyspace& operator=(const keyspace&) = delete;
    ~keyspace() = default;

    wall_time now() const noexcept { return now_; }
    std::int64_t now_ms() const noexcept { return to_unix_ms(now_); }
    void set_now(wall_time now) noexcept { now_ = now; }

    /// How expiry is judged. `live` removes what is due; `hidden` only hides it (a read-only
    /// store); `ignored` is for replay, which removes exactly what the journal says was removed.
    enum class expiry { live, hidden, ignored };
    void set_expiry_mode(expiry mode) noexcept { expiry_ = mode; }
    bool replaying() const noexcept { return expiry_ == expiry::ignored; }

    /// Where effects go; null to record none.
    void record_into(effects* out) noexcept { effects_ = out; }

    /// The key's entry if it is there and has not expired.
    entry* find(std::string_view key);
    template <class T>
    typed<T> find(std::string_view key) {
        auto* found = find(key);
        if (found == nullptr) return {};
        auto* held = std::get_if<T>(&found->value.data);
        return {held, held == nullptr};
    }
    /// The key's value, made empty if the key is absent. The caller has ruled out another type.
    template <class T>
    T& make(std::string_view key) {
        if (auto* found = find(key)) return std::get<T>(found->value.data);
        return std::get<T>(keys_.put(key, slot{T{}, never}).first->value.data);
    }
    /// Replaces whatever the key held. The expiry is dropped unless kept.
    entry& put(std::string_view key, value data, bool keep_expiry = false);
    bool erase(std::string_view key);
    void clear();
    void set_expires_at(entry& of, std::int64_t at_ms);

    /// Removes up to `at_most` keys that are due, soonest first.
    void expire_due(std::size_t at_most);

    /// All keys in the order in which they were made, due ones included.
    const map& keys() const noexcept { return keys_; }
    bool is_due(const slot& s) const noexcept {
        return expiry_ != expiry::ignored && s.expires_at_ms != never && now_ms() > s.expires_at_ms;
    }
    /// Moves every expiry by the same span; the effects say so.
    void shift_expiries(milliseconds by);

    /// A command that changed something calls changed(), and is recorded as it was called; one that
    /// is not deterministic records what it did instead.
    void changed() noexcept { changed_ = true; }
    void record(std::initializer_list<std::string_view> command) { record(span_of(command)); }
    void record(arguments command);
    /// After each command.
    void finish_command(arguments command);

private:
    static arguments span_of(std::initializer_list<std::string_view> list) {
        return {list.begin(), list.size()};
    }
    void forget_expiry(const entry& of);

    map keys_;
    std::set<std::pair<std::int64_t, std::string_view>> expiring_;  // views into keys_
    wall_time now_{};
    effects* effects_ = nullptr;
    expiry expiry_ = expiry::live;
    bool changed_ = false;
    bool recorded_ = false;
};

/// Commands that rebuild the keyspace when run on an empty one: what a compacted journal holds.
/// Calls `out` with pieces of a moderate size; a piece is not a state that ever was.
void dump(const keyspace& from, const std::function<void(const effects&)>& out);

}  // namespace holdfast::embedded
