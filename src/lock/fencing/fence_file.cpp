// One number in a file, under an advisory lock.
#include "holdfast/fencing.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace holdfast {
namespace {

errc reason_of(int error) {
    return error == EACCES || error == EPERM || error == EROFS ? errc::permission_denied
                                                               : errc::internal;
}

// Always 20 digits and a line break: it is overwritten in one piece and never grows.
constexpr std::size_t width = 21;
using record = std::array<char, width>;

record written(fencing_token fence) {
    record text;
    text.fill('0');
    text[width - 1] = '\n';
    const auto digits = format_fence(fence);
    std::copy(digits.begin(), digits.end(), text.end() - 1 - std::ssize(digits));
    return text;
}

result<fencing_token> read_newest(int fd) {
    record text;
    const auto got = pread(fd, text.data(), width, 0);
    if (got < 0) return reason_of(errno);
    if (got == 0) return fencing_token();
    if (got != std::ssize(text) || text[width - 1] != '\n') return errc::corrupt_data;
    std::string_view digits(text.data(), width - 1);
    const auto first = digits.find_first_not_of('0');
    if (first == digits.npos) return fencing_token();
    const auto fence = parse_fence(digits.substr(first));
    if (!fence) return errc::corrupt_data;
    return *fence;
}

}  // namespace

fence_file::admission::~admission() {
    if (fd_ >= 0) close(fd_);
}

result<fence_file::admission> fence_file::admit(fencing_token fence) const {
    const int fd = open(where_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0) return reason_of(errno);
    admission held(fd);
    while (flock(fd, LOCK_EX) != 0)
        if (errno != EINTR) return reason_of(errno);
    const auto newest = read_newest(fd);
    if (!newest) return newest.error();
    if (fence < *newest) return errc::lease_lost;
    if (fence == *newest) return held;
    const auto text = written(fence);
    if (pwrite(fd, text.data(), width, 0) != std::ssize(text)) return reason_of(errno);
    if (fdatasync(fd) != 0) return reason_of(errno);
    return held;
}

}  // namespace holdfast
