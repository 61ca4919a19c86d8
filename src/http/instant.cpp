// Calendar text without the machine's zone.
#include "http/instant.hpp"

#include <ctime>

namespace holdfast::http {

std::string rfc3339(wall_time at) {
    const auto when = static_cast<std::time_t>(to_unix_seconds(at));
    std::tm parts{};
    gmtime_r(&when, &parts);
    char text[40];
    return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

}  // namespace holdfast::http
