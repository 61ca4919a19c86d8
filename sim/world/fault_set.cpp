// Names of faults, and lists of them.
#include "holdfast/simulation.hpp"

#include <array>

namespace holdfast::sim {
namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(fault::count)> names{
    "crash",   "pause",    "skew",     "cut",  "slow",       "drop", "lost-reply", "duplicate",
    "restart", "failover", "rollback", "wipe", "clock-step", "oom",  "slow-script"};

}  // namespace

std::string_view name_of(fault f) noexcept { return names.at(static_cast<std::size_t>(f)); }

result<fault_set> fault_set::parse(std::string_view list, std::string* why) {
    fault_set read;
    if (list == "all") return all();
    if (list == "none") return read;
    while (!list.empty()) {
        const auto name = list.substr(0, list.find(','));
        list.remove_prefix(std::min(name.size() + 1, list.size()));
        std::size_t i = 0;
        while (i < names.size() && names[i] != name) ++i;
        if (i < names.size()) {
            read.add(static_cast<fault>(i));
            continue;
        }
        if (why != nullptr) {
            *why = "unknown fault '" + std::string(name) + "'; known are all, none";
            for (const auto known : names) why->append(", ").append(known);
        }
        return errc::invalid_argument;
    }
    return read;
}

std::string fault_set::str() const {
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i)
        if (bits_.test(i)) text.append(text.empty() ? "" : ",").append(names[i]);
    return text.empty() ? "none" : text;
}

}  // namespace holdfast::sim
