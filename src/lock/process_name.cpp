// Host and process id, asked of the system once a locker.
#include "lock/process_name.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>

namespace holdfast {
namespace {

std::string host_and_process() {
    std::array<char, 256> host{};
    if (gethostname(host.data(), host.size() - 1) != 0) host[0] = '?';
    return std::string(host.data()) + "/" + std::to_string(getpid());
}

}  // namespace

std::string shown_as(std::string who, std::string_view build) {
    if (who.empty()) who = host_and_process();
    if (!build.empty()) who.append("/").append(build);
    std::ranges::replace(who, '|', '/');
    return who;
}

}  // namespace holdfast
