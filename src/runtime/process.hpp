// A command in a process group of its own that cannot outlive its deadline, whatever happens to us.
#pragma once

#include "holdfast/error.hpp"
#include "holdfast/runtime.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>

#include <sys/types.h>

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace holdfast {

/// What to run and how it is watched.
struct process_spec {
    std::vector<std::string> argv;
    std::map<std::string, std::string> environment = {};  ///< added to ours
    std::string folder = {};                              ///< working folder; empty: ours
    /// Standard output and error go to one pipe that we read and keep the end of; otherwise the
    /// command shares ours, and standard input too; if that is a terminal we own, it has it while
    /// it runs (Ctrl-C then reaches the command, not us).
    bool keep_output = true;
    /// Open descriptors of ours that the command gets besides 0, 1 and 2; all others are closed.
    std::vector<int> descriptors = {};
    std::size_t output_limit = 64 * 1024;
    /// Between SIGTERM and SIGKILL.
    milliseconds grace{5000};
    /// Called when the command was suspended, with the signal (SIGTSTP, SIGTTIN, SIGTTOU, SIGSTOP);
    /// not for what happened before the last resume(). On the runtime's thread, while wait() runs.
    std::function<void(int)> on_suspended = {};
    /// SIGKILL at this instant unless moved by set_deadline(), SIGTERM `grace` before it.
    steady_time deadline = steady_time::max();
};

/// How a command ended.
struct process_end {
    std::optional<int> code;    ///< it exited
    std::optional<int> signal;  ///< a signal ended it
    int start_error = 0;        ///< errno: it never ran
    bool timed_out = false;     ///< the watcher stopped it, because its deadline came
    /// What a shell would say: the code, 128 + signal, 126 or 127.
    int shell_code() const noexcept;
};

/// A running command. Between it and us stands a watcher process (forked, a few pages) that
/// - keeps the deadline even while we are stopped or after we were killed: the command then runs
///   on until its deadline at most, so a job that is nearly done may finish, and none overlaps the
///   next owner of its lease;
/// - sends SIGTERM, then SIGKILL, to the whole process group, and kills what is left of the group
///   when the command itself has ended (as systemd does with a unit's processes).
/// If the watcher is killed the command is killed by the kernel (PR_SET_PDEATHSIG). A process that
/// moves itself to another group or session escapes.
///
/// Used on the runtime's thread only. Real time only: steady_time is CLOCK_BOOTTIME.
class process {
public:
    /// Failure: errc::out_of_memory when the system gives no process or descriptor. A command that
    /// cannot be executed is an end with start_error, from wait().
    static result<std::unique_ptr<process>> start(runtime&, process_spec);
    /// Kills the group when the command still runs. Does not wait for it.
    ~process();
    process(const process&) = delete;

    /// Until the command has ended and its output is read. Call it once. Cancellation: throws
    /// operation_aborted, the command runs on.
    task<process_end> wait();

    /// SIGKILL is due at `when`, SIGTERM `grace` earlier. Has no effect on a command that has been
    /// told to stop already.
    void set_deadline(steady_time when);
    /// SIGTERM now, SIGKILL after the grace or at the deadline, whichever comes first.
    void terminate() { terminate(spec_.grace); }
    void terminate(milliseconds grace);
    /// One signal to the group, nothing else.
    void send_signal(int number);

    /// SIGCONT to the group; before that it gets the terminal back if we are in its foreground. For
    /// a command that was suspended; harmless for others.
    void resume();
    /// Takes back the terminal that the command has, so that our own group is in the foreground.
    void take_terminal();

    /// The last `output_limit` bytes.
    const std::string& output() const noexcept { return output_; }
    /// Whether earlier output was dropped.
    bool output_cut() const noexcept { return output_cut_; }

private:
    process(runtime& rt, process_spec spec);
    result<void> launch();
    void tell(int kind, std::int64_t value);
    task<void> read_reports();
    task<void> read_output();
    void keep(std::size_t n, const char* data);
    void reap();
    void lend_terminal() const;
    void give_terminal_to(pid_t group) const;

    process_spec spec_;
    boost::asio::posix::stream_descriptor link_;
    boost::asio::posix::stream_descriptor pipe_;
    std::string output_;
    bool output_cut_ = false;
    bool has_terminal_ = false;
    int resuming_ = 0;  // resume() was called, and the watcher has not done it yet
    pid_t watcher_ = -1;
    pid_t command_ = -1;
    std::optional<process_end> end_;
};

}  // namespace holdfast
