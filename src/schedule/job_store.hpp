// One function a script: the schedule room's questions to the store, as plain values.
#pragma once

#include "holdfast/ids.hpp"
#include "holdfast/store.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace holdfast::schedule {

/// The keys of one job; they share one hash tag.
struct job_keys {
    std::string register_, leases, runs, ledger, outputs, asked;
    job_keys(const std::string& prefix, const job_name& job);
};

/// What a script said first.
enum class code : std::uint8_t {
    claimed,
    taken,
    behind,
    early,
    skew,
    stale,
    missing,
    paused,
    overlap,
    replacing,
    overlapped,
    settled,
    none,
    adopted,
    abandoned,
    busy,
    registered,
    unknown,
};

/// Answer of claim, skip, take and adopt. Times are the store's.
struct firing_answer {
    code what = code::unknown;
    std::int64_t number = 0;  ///< see the script
    wall_time last;           ///< or, of take and adopt, the fire time of the run
    std::string who;
    wall_time store_now;
    unsigned attempt = 1;
    bool manual = false;
    std::int64_t manual_waiting = 0;
};

struct registration_request {
    std::string schedule, definition;
    std::uint64_t version = 0;
    std::string node;
    wall_time floor;
    bool run_on_start = false;
    milliseconds max_skew{0};
    std::int64_t highest_generation = 0;  ///< that the caller has seen
    std::int64_t own_generation = 0;      ///< in which it was registered last
    wall_time anchor;                     ///< learned with own_generation
};

struct registration_answer {
    code what = code::unknown;
    std::int64_t generation = 0;
    wall_time last;
    std::string who;
    wall_time store_now, anchor, first;
    bool created = false;
};

/// Fire times that will not run, to be accounted for.
struct missed_batch {
    wall_time oldest, newest;
    std::uint64_t count = 0;
    std::string reason;  ///< "misfire", "coalesced"
};

struct claim_request {
    wall_time fire_time;
    std::string token, node;
    milliseconds lease{0};
    wall_time caller_now;
    milliseconds max_skew{0};
    wall_time floor;
    std::int64_t generation = 0;
    std::string overlap;
    std::uint64_t highest_fence = 0;
    unsigned keep_history = 0;
    missed_batch missed;
};

struct adopt_request {
    std::string node, token, on_crash, overlap;
    unsigned max_attempts = 1;
    milliseconds start_deadline{0}, lease{0};
    std::int64_t generation = 0;
    std::uint64_t highest_fence = 0;
    unsigned keep_history = 0;
};

struct completion {
    std::string token;
    wall_time fire_time;
    std::string outcome, exit_code;
    milliseconds duration{0};
    std::string detail, output;
    unsigned keep_history = 0, keep_outputs = 0;
    std::string next_token;
    milliseconds next_lease{0};
    std::uint64_t highest_fence = 0;
    std::string overlap;
};

enum class completed : std::uint8_t { done, next, lost };
struct completion_answer {
    completed what = completed::lost;
    std::uint64_t fence = 0;
};

enum class beat : std::uint8_t { extended, stop, lost };

/// The store with one job's keys. Every call is one script and may be repeated with the same
/// arguments; failures are the store's.
class job_store {
public:
    job_store(store& s, job_name job) : store_(&s), job_(std::move(job)), keys_(s.prefix(), job_) {}

    task<result<registration_answer>> enrol(registration_request);
    task<result<firing_answer>> claim(claim_request);
    task<result<firing_answer>> skip(missed_batch, std::string node, std::int64_t generation,
                                     unsigned keep_history);
    task<result<firing_answer>> take(claim_request);
    task<result<firing_answer>> adopt(adopt_request);
    task<result<bool>> start(std::string token, milliseconds lease);
    task<result<beat>> heartbeat(std::string token, std::uint64_t fence, milliseconds lease);
    task<result<completion_answer>> complete(completion);
    task<result<void>> release(std::string token);

    const job_keys& keys() const noexcept { return keys_; }

private:
    store* store_;
    job_name job_;
    job_keys keys_;
};

/// Adds a job's name to the list that `holdfast job ls` reads.
task<result<void>> add_to_catalogue(store&, job_name);
task<result<std::vector<std::string>>> read_catalogue(store&);

/// Says that this instance lives (ttl 0: that it leaves); gives back the members that do.
struct presence_request {
    std::string member, former;
    milliseconds ttl{0};
};
task<result<std::vector<std::string>>> say_presence(store&, presence_request);

/// Names and details become fields of tab-separated entries and words of pushes.
std::string plain_word(std::string_view text);
std::string plain_line(std::string_view text);

}  // namespace holdfast::schedule
