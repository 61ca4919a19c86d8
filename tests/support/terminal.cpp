// forkpty, then plain reads and writes.
#include "support/terminal.hpp"

#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace holdfast::test {

terminal::terminal(std::vector<std::string> argv,
                   const std::map<std::string, std::string>& environment) {
    std::vector<std::string> lines;
    for (const auto& [name, value] : environment) lines.push_back(name + "=" + value);
    std::vector<char*> words, settings;
    for (auto& word : argv) words.push_back(word.data());
    for (auto& line : lines) settings.push_back(line.data());
    words.push_back(nullptr);
    settings.push_back(nullptr);
    leader_ = forkpty(&fd_, nullptr, nullptr, nullptr);
    if (leader_ < 0) throw std::runtime_error("no pseudo terminal");
    if (leader_ > 0) return;
    for (const int number : {SIGTSTP, SIGTTIN, SIGTTOU, SIGPIPE, SIGINT, SIGQUIT})
        signal(number, SIG_DFL);
    execve(words[0], words.data(), settings.data());
    _exit(127);
}

terminal::~terminal() {
    close(fd_);
    kill(leader_, SIGKILL);
    waitpid(leader_, nullptr, 0);
}

void terminal::type(const std::string& keys) const {
    if (write(fd_, keys.data(), keys.size()) != static_cast<ssize_t>(keys.size()))
        throw std::runtime_error("the terminal takes no more");
}

std::string terminal::wait_for(const std::string& text) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds{30};
    while (true) {
        if (const auto at = shown_.find(text, read_to_); at != shown_.npos) {
            const auto before = shown_.substr(read_to_, at - read_to_);
            read_to_ = at + text.size();
            return before;
        }
        pollfd one{fd_, POLLIN, 0};
        char buffer[4096];
        const auto n = poll(&one, 1, 100) > 0 ? read(fd_, buffer, sizeof buffer) : 0;
        if (n < 0 || std::chrono::steady_clock::now() > limit)
            throw std::runtime_error("'" + text + "' was not shown, but:\n" + shown_);
        shown_.append(buffer, static_cast<std::size_t>(n));
    }
}

pid_t terminal::foreground() const { return tcgetpgrp(fd_); }

char state_of(pid_t pid) {
    std::ifstream in("/proc/" + std::to_string(pid) + "/stat");
    std::string line;
    if (!std::getline(in, line)) return '-';
    const auto name_ends = line.rfind(')');
    return name_ends == line.npos ? '-' : line.at(name_ends + 2);
}

}  // namespace holdfast::test
