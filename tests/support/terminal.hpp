// A pseudo terminal with a program in a session of its own on it, as a user would sit at it.
#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

namespace holdfast::test {

/// Types, and reads what is shown. The session is hung up and its leader killed when destroyed.
/// Waits end with an exception after 30 s.
class terminal {
public:
    terminal(std::vector<std::string> argv, const std::map<std::string, std::string>& environment);
    ~terminal();
    terminal(const terminal&) = delete;

    void type(const std::string& keys) const;
    /// Reads until the text is shown, after what was found last; what stood before it since then.
    std::string wait_for(const std::string& text);
    /// The process group whose turn it is to use the terminal.
    pid_t foreground() const;
    /// All that was shown.
    const std::string& shown() const noexcept { return shown_; }

private:
    int fd_ = -1;
    pid_t leader_ = -1;
    std::string shown_;
    std::size_t read_to_ = 0;
};

/// The letter of a process's state ('T': suspended), by /proc; '-': there is none.
char state_of(pid_t pid);

}  // namespace holdfast::test
