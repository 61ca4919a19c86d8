// SEAM 2: one atomic step on shared state, and this process's push channel.
#pragma once

#include "holdfast/error.hpp"
#include "holdfast/reply.hpp"
#include "holdfast/runtime.hpp"

#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace holdfast {

/// A Lua script: the specification of one atomic step. Instances are constants generated at build
/// from the rooms' .lua files.
struct script {
    std::string_view name;  ///< "lock/acquire"
    std::string_view sha1;  ///< 40 lower-case hexadecimal digits, what EVALSHA wants
    std::string_view text;
};

namespace detail {
inline std::string to_argument(std::string_view text) { return std::string(text); }
inline std::string to_argument(std::string&& text) { return std::move(text); }
inline std::string to_argument(const char* text) { return text; }
template <std::integral T>
    requires(!std::same_as<T, bool>)  // say "1" or "0"
std::string to_argument(T number) {
    char digits[24];
    return {digits, std::to_chars(digits, digits + sizeof digits, number).ptr};
}
}  // namespace detail

/// KEYS of a script. They share one hash tag.
class script_keys {
public:
    template <class... T>
    explicit script_keys(T&&... key) {
        values_.reserve(sizeof...(key));
        (values_.push_back(detail::to_argument(std::forward<T>(key))), ...);
    }
    void add(std::string key) { values_.push_back(std::move(key)); }
    const std::vector<std::string>& values() const noexcept { return values_; }

private:
    std::vector<std::string> values_;
};

/// ARGV of a script. Numbers become decimal text.
class script_args {
public:
    template <class... T>
    explicit script_args(T&&... arg) {
        values_.reserve(sizeof...(arg));
        (values_.push_back(detail::to_argument(std::forward<T>(arg))), ...);
    }
    template <class T>
    void add(T&& arg) {
        values_.push_back(detail::to_argument(std::forward<T>(arg)));
    }
    /// Adds "1" or "0", as is true of the data that the present connection reaches. A call that
    /// waits when the connection is lost goes out over the next one, whose data may be older, with
    /// what `later` says.
    void add_flag(bool now, bool later) {
        if (now != later) renewed_.push_back(values_.size());
        values_.emplace_back(now ? "1" : "0");
    }
    /// For stores: the call will go out over another connection than the one it was made for.
    void renew() {
        for (const auto index : renewed_) values_[index] = values_[index] == "1" ? "0" : "1";
        renewed_.clear();
    }
    const std::vector<std::string>& values() const noexcept { return values_; }

private:
    std::vector<std::string> values_;
    std::vector<std::size_t> renewed_;  // the flags that change
};

/// Delivers pushes to the rooms of one process. A message is "<topic> <payload>", the topic one
/// word; each room listens to its own. Lives in the store; used on its executor only.
class push_dispatcher {
public:
    using handler = std::function<void(std::string_view payload)>;
    using reconnect_handler = std::function<void()>;

    /// Stops listening when destroyed. The dispatcher must outlive it.
    class registration {
    public:
        registration() = default;
        registration(push_dispatcher& from, std::uint64_t id) : from_(&from), id_(id) {}
        registration(registration&& other) noexcept { swap(other); }
        registration& operator=(registration&& other) noexcept {
            swap(other);
            return *this;
        }
        ~registration() {
            if (from_ != nullptr) from_->remove(id_);
        }

    private:
        void swap(registration& other) noexcept {
            std::swap(from_, other.from_);
            std::swap(id_, other.id_);
        }
        push_dispatcher* from_ = nullptr;
        std::uint64_t id_ = 0;
    };

    [[nodiscard]] registration listen(std::string topic, handler on_message);
    /// Called each time the subscription has been (re)established: messages may have been lost
    /// before.
    [[nodiscard]] registration on_reconnect(reconnect_handler);

    void deliver(std::string_view message);
    void reconnected();

private:
    struct listener {
        std::uint64_t id;
        std::string topic;  // empty: a reconnect handler
        handler on_message;
        reconnect_handler on_reconnect;
    };
    void remove(std::uint64_t id);
    std::vector<std::shared_ptr<listener>> listeners_;
    std::uint64_t last_id_ = 0;
};

/// The shared state all processes agree through. One object per runtime, used from its thread only.
class store {
public:
    /// Runs the script atomically: one round trip. The script must outlive the call.
    ///
    /// Failure, by condition:
    /// - retry: certainly not executed (not connected, refused before execution).
    /// - unknown (errc::outcome_unknown): sent, no answer before the call's time limit or the
    /// connection
    ///   broke. It may have run and may even run later; the caller may not conclude either, and
    ///   repeats the same script with the same arguments. Every script of this project is safe to
    ///   repeat.
    /// - broken: errc::script_error (the script raised an error), wrong_type, out_of_memory,
    ///   permission_denied. A script that failed half way may have written; ours read and check
    ///   first.
    ///
    /// The time limit is the store's call timeout. Cancellation (any type) throws operation_aborted
    /// and leaves the outcome unknown.
    virtual task<result<reply>> run(const script&, script_keys, script_args) = 0;

    /// The channel on which this process, and no other, receives pushes. Scripts are given it as an
    /// argument and PUBLISH to it. New after a reconnect only if the store says so in on_reconnect.
    virtual const std::string& process_channel() const noexcept = 0;
    /// The channel that every process of the fleet receives.
    virtual const std::string& fleet_channel() const noexcept = 0;
    /// Before every key that is not a lock's own name: "hf:" by default.
    virtual const std::string& prefix() const noexcept = 0;

    virtual push_dispatcher& pushes() noexcept = 0;

    /// Rises whenever this process may face another, or a rolled-back, data set: at every
    /// (re)connect and after READONLY. What was concluded from earlier replies (fence floors) must
    /// be learnt anew.
    virtual std::uint64_t epoch() const noexcept = 0;

    /// True while requests are being answered. For readiness probes only: it may change at once.
    virtual bool connected() const noexcept = 0;

    /// Ends the connection; later calls fail with errc::shutting_down. Idempotent.
    virtual task<void> close() = 0;

    virtual ~store() = default;
};

}  // namespace holdfast
