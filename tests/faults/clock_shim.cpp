// Preloaded into a redis-server: its wall clock is off by the microseconds in the file that
// HOLDFAST_CLOCK_OFFSET names, read anew at every look.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <ctime>

namespace {

constexpr std::int64_t second_us = 1'000'000;

const volatile std::int64_t* map_offset() {
    const char* path = std::getenv("HOLDFAST_CLOCK_OFFSET");
    const int fd = path == nullptr ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    void* at = mmap(nullptr, sizeof(std::int64_t), PROT_READ, MAP_SHARED, fd, 0);
    if (fd >= 0) close(fd);
    return at == MAP_FAILED ? nullptr : static_cast<const std::int64_t*>(at);
}

std::int64_t offset_us() {
    static const volatile std::int64_t* const mapped = map_offset();
    return mapped == nullptr ? 0 : *mapped;
}

}  // namespace

extern "C" {

int gettimeofday(timeval* into, void*) {
    timespec now{};
    syscall(SYS_clock_gettime, CLOCK_REALTIME, &now);
    const auto us = now.tv_sec * second_us + now.tv_nsec / 1000 + offset_us();
    into->tv_sec = us / second_us;
    into->tv_usec = us % second_us;
    return 0;
}

int clock_gettime(clockid_t which, timespec* into) {
    const auto code = syscall(SYS_clock_gettime, which, into);
    if (code != 0 || which != CLOCK_REALTIME) return static_cast<int>(code);
    const auto ns = into->tv_sec * second_us * 1000 + into->tv_nsec + offset_us() * 1000;
    into->tv_sec = ns / (second_us * 1000);
    into->tv_nsec = ns % (second_us * 1000);
    return 0;
}

time_t time(time_t* into) {
    timeval now{};
    gettimeofday(&now, nullptr);
    if (into != nullptr) *into = now.tv_sec;
    return now.tv_sec;
}
}
