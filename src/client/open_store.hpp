// Turns a store URL into stores: the composition root of programs that link the library.
#pragma once

#include "base/log.hpp"
#include "holdfast/error.hpp"
#include "holdfast/journal.hpp"
#include "holdfast/runtime.hpp"
#include "holdfast/store.hpp"
#include "holdfast/time.hpp"

#include <memory>
#include <string>
#include <vector>

namespace holdfast {

/// Where the shared state is, and how to reach it.
struct store_settings {
    /// "memory:", "embedded:FOLDER" (both take "?max_memory=SIZE"), "redis://…" or "rediss://…"
    std::string url;
    std::string prefix = "hf:";
    milliseconds call_timeout{2000};
    /// Embedded only: fsync before each answer instead of every second.
    bool fsync_always = false;
    /// Redis only: keys outside the prefix that will be used. Connecting finds out whether the
    /// access list allows them.
    std::vector<std::string> other_keys = {};
};

/// Whether a store could lie at `url`. Nothing is opened. errc::invalid_argument: `why` says it in
/// one line. It never repeats the password.
result<void> check_store_url(const std::string& url, std::string& why);

/// One opened place; makes a store for each runtime of the process. Thread-safe. Stores keep what
/// they need of it and may outlive it.
class store_source {
public:
    /// Checks the URL and, for an embedded folder, locks and recovers it.
    /// errc::invalid_argument (the URL), folder_in_use, invalid_configuration, store_unavailable;
    /// `why` then says it in one line: what, why, what to do.
    static result<std::unique_ptr<store_source>> open(const store_settings& settings,
                                                      const logger& log, std::string& why);

    /// A store for this runtime at once: a Redis is connected in the background, and calls wait for
    /// it within their time limit. The journal and the runtime outlive it.
    virtual std::unique_ptr<store> attach(runtime& rt, journal& events) = 0;

    /// A store for this runtime, connected. Failures: those of redis_store::start(), `why` in
    /// words. The journal and the runtime outlive it.
    virtual task<result<std::unique_ptr<store>>> connect(runtime& rt, journal& events,
                                                         std::string& why) = 0;

    /// Whether other processes can agree through it.
    virtual bool shared() const noexcept = 0;

    virtual ~store_source() = default;
};

}  // namespace holdfast
