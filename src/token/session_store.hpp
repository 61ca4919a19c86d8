// The session scripts as typed calls.
#pragma once

#include "holdfast/claims.hpp"
#include "holdfast/runtime.hpp"
#include "holdfast/store.hpp"
#include "token/guard_set.hpp"
#include "token/names.hpp"
#include "token/store_clock.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace holdfast {

/// One user of one guard.
struct user_ref {
    user_ref(guard_name g, user_id u) : guard(std::move(g)), user(std::move(u)) {}
    std::string str() const { return guard.str() + ' ' + user.str(); }
    guard_name guard;
    user_id user;
};

/// One session of one user.
struct session_ref {
    session_ref(user_ref o, session_id s) : owner(std::move(o)), sid(std::move(s)) {}
    std::string str() const { return owner.str() + ' ' + sid.str(); }
    user_ref owner;
    session_id sid;
};

/// A token as the scripts want it: its session, and what it proves.
struct presented_token {
    session_ref session;
    token_claims claims;
};

/// The same, of parts that lie elsewhere.
struct token_view {
    token_view(const session_ref& s, const token_claims& c) : session(s), claims(c) {}
    token_view(const presented_token& t) : session(t.session), claims(t.claims) {}
    const session_ref& session;
    const token_claims& claims;
};

/// What every node signs to get the same token.
struct token_identity {
    std::uint64_t generation = 0;
    std::int64_t issued_s = 0;
    std::int64_t expires_s = 0;
    std::uint64_t user_epoch = 0;
    std::int64_t auth_s = 0;
    std::string kid = {};
    std::string extra = {};
};

enum class session_state {
    current,  ///< the newest generation
    grace,    ///< its predecessor, still usable; the newest one's identity is known
    revoked,
    reused,   ///< a generation whose time is over
    missing,  ///< unknown to the store
};

struct session_verdict {
    session_state state;
    bool renewable = false;  ///< current, and no older generation lives
    std::optional<token_identity> newest = {};
};

enum class renewal_state { minted, same, young, over, revoked, reused, missing };

struct renewal_answer {
    renewal_state state;
    std::optional<token_identity> successor = {};
};

struct created_session {
    token_identity first;
    std::vector<session_id> surplus;  ///< beyond the guard's limit: to be revoked
};

/// Where in the feed of changes a revocation stands.
struct feed_position {
    std::string born;
    std::int64_t number = 0;
    // After revoke_user():
    std::uint64_t epoch = 0;    ///< of the user
    std::int64_t until_ms = 0;  ///< when the store and all its replicas forget it
};

/// A session that has ended, as a replica knows it.
struct remembered_session {
    remembered_session(guard_ptr g, session_ref s, std::int64_t until)
        : guard(std::move(g)), session(std::move(s)), until_ms(until) {}
    guard_ptr guard;
    session_ref session;
    std::int64_t until_ms;  ///< the end of its tombstone
};

/// Key names of one partition. All users share one: a feed must be written in the same atomic step
/// as the session, so they share a hash tag.
class session_keys {
public:
    explicit session_keys(const std::string& prefix) : prefix_(prefix) {}

    std::string session(const session_ref& s) const;
    std::string user(const user_ref& u) const;
    std::string devices(const user_ref& u) const;
    std::string lease(const session_ref& s, std::uint64_t generation) const;
    std::string feed() const { return named("feed"); }
    std::string log() const { return named("log"); }
    std::string state() const { return named("state"); }
    std::string expiry() const { return named("expiry"); }
    std::string nodes() const { return named("nodes"); }
    /// What scripts and pushes call the partition.
    static constexpr std::string_view partition = "0";

private:
    std::string named(std::string_view what) const;
    std::string prefix_;
};

/// One per runtime. Failures are the store's, never `denied`.
class session_store {
public:
    session_store(runtime& rt, store& shared) : rt_(rt), store_(shared), keys_(shared.prefix()) {}

    task<result<created_session>> create(guard_ptr guard, session_ref session);
    task<result<session_verdict>> check(guard_ptr guard, presented_token token);
    task<result<renewal_answer>> renew(guard_ptr guard, presented_token token);
    task<result<feed_position>> revoke(guard_ptr guard, session_ref session);
    /// In one step; not empty.
    task<result<feed_position>> revoke_again(std::vector<remembered_session> sessions);
    /// `request` makes a repetition harmless; `at_least` 0 ends what exists now, more restores a
    /// known epoch, until `known_until_ms` if that is not 0.
    task<result<feed_position>> revoke_user(guard_ptr guard, user_ref user, std::string request,
                                            std::uint64_t at_least,
                                            std::int64_t known_until_ms = 0);
    /// Whether this attempt, and no other of the fleet, should ask the user table about renewing
    /// this generation.
    task<result<bool>> lease_lookup(presented_token token, std::string attempt);

    /// The store's time; asks once when it was never heard.
    task<result<wall_time>> now();

    store_clock& clock() noexcept { return clock_; }
    const store_clock& clock() const noexcept { return clock_; }
    const session_keys& keys() const noexcept { return keys_; }
    store& shared() noexcept { return store_; }
    runtime& local() noexcept { return rt_; }

private:
    task<result<reply>> ask(const script& what, script_keys keys, script_args args);
    script_keys feed_keys(std::string first, std::string second) const;
    script_keys feed_keys(std::string first, std::string second, std::string seventh) const;

    runtime& rt_;
    store& store_;
    session_keys keys_;
    store_clock clock_;
};

}  // namespace holdfast
