// Error codes of Redis, and where each puts the caller.
#include "store/redis/error_reply.hpp"

#include <array>

namespace holdfast {
namespace {

struct meaning {
    std::string_view code;
    errc means;
};

constexpr std::array meanings{
    meaning{"LOADING", errc::store_loading},      meaning{"BUSY", errc::store_unavailable},
    meaning{"MISCONF", errc::store_unavailable},  meaning{"CLUSTERDOWN", errc::store_unavailable},
    meaning{"TRYAGAIN", errc::slot_migrating},    meaning{"ASK", errc::not_leader},
    meaning{"MOVED", errc::not_leader},           meaning{"READONLY", errc::not_leader},
    meaning{"MASTERDOWN", errc::not_leader},      meaning{"NOREPLICAS", errc::not_leader},
    meaning{"OOM", errc::out_of_memory},          meaning{"NOPERM", errc::permission_denied},
    meaning{"NOAUTH", errc::permission_denied},   meaning{"WRONGPASS", errc::permission_denied},
    meaning{"WRONGTYPE", errc::wrong_type},       meaning{"CROSSSLOT", errc::invalid_argument},
    meaning{"NOPROTO", errc::unsupported_server},
};

const meaning* find_code(std::string_view code) {
    for (const auto& each : meanings)
        if (each.code == code) return &each;
    return nullptr;
}

// Redis 6.2 says "ERR Error running script (call to f_…): @user_script:1: WRONGTYPE Operation …":
// the code is a word of its own behind the place.
const meaning* find_wrapped(std::string_view line) {
    auto at = line.find("@user_script");
    while (at != line.npos && at < line.size()) {
        const auto space = line.find(' ', at);
        if (space == line.npos) return nullptr;
        auto word = line.substr(space + 1, line.find(' ', space + 1) - space - 1);
        if (word.starts_with('-')) word.remove_prefix(1);
        if (const auto* found = find_code(word)) return found;
        if (!word.ends_with(':')) return nullptr;  // past the place: an error of the script itself
        at = space + 1;
    }
    return nullptr;
}

bool contains(std::string_view line, std::string_view words) {
    return line.find(words) != line.npos;
}

}  // namespace

errc classify_error(std::string_view line) {
    if (const auto* found = find_code(line.substr(0, line.find(' ')))) return found->means;
    if (const auto* found = find_wrapped(line)) return found->means;
    if (contains(line, "The user executing the script can't")) return errc::permission_denied;
    if (contains(line, "Script killed by user")) return errc::store_unavailable;
    return errc::script_error;
}

bool is_missing_script(std::string_view line) { return line.starts_with("NOSCRIPT"); }

}  // namespace holdfast
