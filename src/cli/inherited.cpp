// Looks into /proc/self/fd; where there is none, at the first thousand numbers.
#include "cli/inherited.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <string>

namespace holdfast::cli {
namespace {

constexpr int looked_at_otherwise = 1024;

bool is_open(int fd) { return fcntl(fd, F_GETFD) >= 0; }

}  // namespace

void occupy_standard_streams() {
    for (int fd = 0; fd <= STDERR_FILENO; ++fd) {
        if (is_open(fd)) continue;
        const int way = fd == STDIN_FILENO ? O_WRONLY : O_RDONLY;
        if (open("/dev/null", way | O_CLOEXEC) != fd) return;
    }
}

std::vector<int> open_descriptors() {
    std::vector<int> found;
    std::error_code ec;
    for (std::filesystem::directory_iterator at("/proc/self/fd", ec), end; !ec && at != end;
         at.increment(ec)) {
        const auto text = at->path().filename().string();
        int fd = -1;
        std::from_chars(text.data(), text.data() + text.size(), fd);
        if (fd > STDERR_FILENO) found.push_back(fd);
    }
    if (ec)
        for (int fd = STDERR_FILENO + 1; fd < looked_at_otherwise; ++fd) found.push_back(fd);
    std::erase_if(found, [](int fd) { return !is_open(fd); });  // such as the folder's own
    return found;
}

}  // namespace holdfast::cli
