// The terminal without echo, restored however the reading ends.
#include "cli/read_password.hpp"

#include "cli/command.hpp"
#include "cli/read_file.hpp"

#include <termios.h>
#include <unistd.h>

#include <iostream>

namespace holdfast::cli {
namespace {

class echo_off {
public:
    echo_off() {
        if (tcgetattr(STDIN_FILENO, &before_) != 0) return;
        auto silent = before_;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        changed_ = tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0;
    }
    ~echo_off() {
        if (changed_) tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
    }
    echo_off(const echo_off&) = delete;

private:
    termios before_{};
    bool changed_ = false;
};

secret_text checked(std::string text) {
    if (!text.empty() && text.back() == '\n') text.pop_back();
    if (!text.empty() && text.back() == '\r') text.pop_back();
    if (text.empty())
        throw command_failure(exit_code::usage,
                              "no password given; type it, pipe it in or use --password-file FILE");
    return secret_text(std::move(text));
}

std::string ask(const char* prompt) {
    std::string line;
    std::cerr << prompt << std::flush;
    {
        const echo_off silent;
        std::getline(std::cin, line);
    }
    std::cerr << '\n';
    return line;
}

secret_text ask_twice() {
    auto first = checked(ask("Password: "));
    const secret_text second(ask("Again: "));
    if (!equal_in_constant_time(first.reveal(), second.reveal()))
        throw command_failure(exit_code::usage, "the two passwords differ; nothing was changed");
    return first;
}

}  // namespace

secret_text read_password(const std::string& file) {
    if (!file.empty()) {
        auto text = read_file(file);
        if (!text)
            throw command_failure(exit_code::usage,
                                  "cannot read " + file + "; check --password-file");
        return checked(std::move(*text));
    }
    if (isatty(STDIN_FILENO) != 0) return ask_twice();
    std::string line;
    std::getline(std::cin, line);
    return checked(std::move(line));
}

}  // namespace holdfast::cli
