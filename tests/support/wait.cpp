// Polling, in the one place that may sleep.
#include "support/wait.hpp"

#include <csignal>
#include <fstream>
#include <iterator>
#include <thread>

namespace holdfast::test {

bool wait_until(const std::function<bool()>& holds, std::chrono::seconds patience) {
    const auto until = std::chrono::steady_clock::now() + patience;
    while (!holds()) {
        if (std::chrono::steady_clock::now() > until) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds{5});
    }
    return true;
}

void let_live(std::chrono::microseconds span) { std::this_thread::sleep_for(span); }

std::string read_file(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::string wait_for_content(const std::string& path) {
    std::string text;
    const auto whole = [&] {
        text = read_file(path);
        return text.ends_with('\n');
    };
    return wait_until(whole) ? text : std::string();
}

bool wait_until_gone(pid_t pid) {
    return wait_until([pid] {
        if (kill(pid, 0) != 0) return true;
        return read_file("/proc/" + std::to_string(pid) + "/stat").find(") Z ") !=
               std::string::npos;
    });
}

}  // namespace holdfast::test
