// Holds sessions to their promises: one successor a generation, death that is final, no false 401.
#pragma once

#include "sim/workload.hpp"
#include "token/auth_service.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace holdfast::sim {

/// A token as a client has it.
struct held_token {
    std::string text;
    std::string sid;
    std::uint64_t generation = 0;
    wall_time expires_at{};
};

/// A token that a client showed to a node, and when.
struct presented {
    held_token token;
    steady_time asked_at{};
    nanoseconds staleness{0};  ///< how far that node may be behind
};

class token_checker {
public:
    struct rules {
        milliseconds grace;
    };

    token_checker(simulation::fleet& of, referee& to, rules by)
        : home_(of), judge_(to), rules_(by) {}

    // What clients see.
    /// A client was given this token, at login or as a successor.
    void on_token(const held_token& given);
    void on_answer(const process& by, const presented& what, const result<accepted>& answer);
    /// A client wants it ended: whatever ends that nobody asked for is a finding.
    void on_logout_asked(const std::string& sid) { asked_.insert(sid); }
    void on_logout_all_asked(const std::string& user) { asked_.insert("all " + user); }
    void on_logged_out(const std::string& sid, logout_reach reach);

    // What the store does.
    void on_script(const executed& done);
    void on_loss();

private:
    struct session_truth {
        std::string user;
        steady_time born{};
        std::uint64_t losses = 0;                    // of the store, when it was born
        std::int64_t epoch = 0;                      // of the user
        std::optional<steady_time> ended = {};       // in the store
        std::optional<steady_time> lost = {};        // the data, for the first time after that
        std::optional<steady_time> fleet_told = {};  // a client heard that no node takes it now
        std::uint64_t newest = 1;
        std::map<std::uint64_t, std::string> identities = {};  // by generation
        std::map<std::uint64_t, std::string> texts = {};
        std::map<std::uint64_t, steady_time> first_used = {};
        std::string minter = {};  // the node that made the newest
        steady_time minted_at{};
    };

    /// The newest epoch of a user, and how often the store had lost data when it was new.
    struct known_epoch {
        std::int64_t epoch = 0;
        std::uint64_t losses = 0;
    };

    /// Whether the store has forgotten, or its clock jumped, since the session began or just
    /// before: then this is no longer about a store that keeps its data.
    bool excused(const session_truth& of) const;
    /// It had ended, and nobody may vouch for it any more, whatever was lost since.
    bool over_for_good(const session_truth& of) const;
    void on_create(const executed& done);
    void on_renew(const executed& done);
    void on_check(const executed& done);
    void check_refusal(const executed& done, const session_truth& of, std::uint64_t generation);
    void on_revoke(const executed& done);
    void on_revoke_user(const executed& done);
    void on_identity(session_truth& of, const std::string& sid, const reply& answer,
                     std::size_t from);
    void check_accepted(const process& by, const presented& what, const session_truth& of);
    void check_denied(const process& by, const presented& what, const session_truth& of,
                      error_code why);
    /// The grace of this generation has run out by now, less `early`.
    bool graced_out(const session_truth& of, std::uint64_t generation, nanoseconds early) const;
    session_truth* find(std::string_view sid);
    void mark_raced(const executed& done, const session_truth& of);

    simulation::fleet& home_;
    referee& judge_;
    rules rules_;
    std::map<std::string, session_truth, std::less<>> sessions_;
    std::map<std::string, known_epoch> epochs_;  // by user
    std::set<std::string> asked_;
};

}  // namespace holdfast::sim
