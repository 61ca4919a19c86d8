// The process between us and a command: the part that runs after fork() and may not allocate.
#pragma once

#include <cstddef>
#include <cstdint>

namespace holdfast::watcher {

/// Prepared before fork(), because nothing may be allocated after it.
struct plan {
    const char* const* argv;
    char* const* environment;
    const char* folder;    ///< null: stay
    int link;              ///< SOCK_SEQPACKET to the owner
    int output_read = -1;  ///< -1: the command shares our streams
    int output_write = -1;
    std::int64_t deadline_ns;  ///< CLOCK_BOOTTIME
    std::int64_t grace_ns;
    const int* descriptors;  ///< rising; what the command gets of ours besides 0, 1 and 2
    std::size_t descriptor_count;
    bool give_terminal;  ///< the owner has the terminal on descriptor 0: hand it over
};

/// Owner to watcher.
struct order {
    enum kinds : std::int32_t { move_deadline = 1, stop_now, send_signal, resume };
    std::int32_t kind;
    std::int64_t value;
};

/// Watcher to owner.
struct report {
    enum kinds : std::int32_t { started = 1, not_started, ended, stopping, suspended, resumed };
    std::int32_t kind;
    std::int32_t value;  ///< pid, errno, wait status, the signal that suspended it
};

/// Starts the command, watches it and exits. Only async-signal-safe calls.
[[noreturn]] void run(const plan&) noexcept;

}  // namespace holdfast::watcher
