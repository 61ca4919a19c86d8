// A real child process: started, read line by line, signalled, waited for.
#pragma once

#include <sys/types.h>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace holdfast::test {

/// Runs a program with its standard output and standard error read separately. Killed (SIGKILL, its
/// own pid only) and reaped when destroyed, and killed by the kernel when the test program dies
/// first. Not thread-safe. Waits end with an exception after `patience`.
class child_process {
public:
    struct options {
        std::map<std::string, std::string> environment = {};  ///< added to the parent's
        std::string folder = {};  ///< working folder; empty: the parent's
        std::string input = {};   ///< written to standard input, then closed
        std::chrono::seconds patience{20};
    };
    struct exit_status {
        std::optional<int> code;    ///< when it exited
        std::optional<int> signal;  ///< when a signal ended it
    };

    explicit child_process(std::vector<std::string> argv);
    child_process(std::vector<std::string> argv, options opts);
    child_process(child_process&&) noexcept;
    child_process& operator=(child_process&&) = delete;
    ~child_process();

    pid_t pid() const noexcept { return pid_; }
    void signal(int number) const;
    exit_status wait();
    /// wait(), then the exit code; 128 + n when signal n ended it, as a shell says.
    int wait_code();
    bool running();

    /// Reads until a line that contains the text has come (on either stream) and returns it. Lines
    /// read on the way stay in out() and err(). Throws with all output when the stream ends or
    /// patience does.
    std::string wait_for_line(const std::string& containing);

    /// What has been read so far; after wait() all of it.
    const std::string& out() const noexcept { return streams_[0].text; }
    const std::string& err() const noexcept { return streams_[1].text; }

private:
    struct stream {
        std::string text;
        std::size_t searched = 0;
    };
    /// Empties both pipes all the time, so that a child that talks a lot never blocks.
    class drain;
    bool read_some(std::chrono::steady_clock::time_point until);
    std::optional<std::string> find_line(const std::string& containing);
    void reap(bool block);

    pid_t pid_ = -1;
    stream streams_[2];
    std::unique_ptr<drain> drain_;
    std::optional<exit_status> ended_;
    std::chrono::seconds patience_{20};
};

/// Runs to the end; the finished process.
child_process run_to_end(std::vector<std::string> argv, child_process::options opts = {});

/// A TCP port of 127.0.0.1 that nobody listens on now and that is not handed out again soon.
unsigned short free_port();

/// A fresh folder below the system's temporary one, removed with all its contents when destroyed.
class temporary_folder {
public:
    temporary_folder();
    ~temporary_folder();
    temporary_folder(const temporary_folder&) = delete;
    const std::string& path() const noexcept { return path_; }

private:
    std::string path_;
};

}  // namespace holdfast::test
