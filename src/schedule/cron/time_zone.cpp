// Zones by name, read through cctz from the host's database.
#include "holdfast/time_zone.hpp"

#include "schedule/cron/civil.hpp"
#include "schedule/cron/zone_table.hpp"

#include <cctz/time_zone.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>

namespace holdfast {
namespace {

bool is_name(std::string_view name) {
    if (name.empty() || name.size() > 64 || name.front() == '/' || name == "localtime")
        return false;
    if (name.find("..") != name.npos || name.starts_with("right/")) return false;
    return std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
               c == '/' || c == '_' || c == '-' || c == '+';
    });
}

bool is_utc(std::string_view name) {
    return name == "UTC" || name == "Etc/UTC" || name == "Z" || name == "GMT" || name == "Etc/GMT";
}

using instant = cctz::time_point<cctz::seconds>;

std::vector<zone_table::change> changes_of(const cctz::time_zone& zone) {
    std::vector<zone_table::change> changes;
    cctz::time_zone::civil_transition change;
    for (auto at = instant::min(); zone.next_transition(at, &change);) {
        const auto next = zone.lookup(change.to).trans;
        if (next <= at) break;
        at = next;
        changes.push_back({at.time_since_epoch().count(), zone.lookup(at).offset});
    }
    return changes;
}

}  // namespace

result<time_zone> time_zone::find(std::string_view iana_name) {
    if (!is_name(iana_name)) return make_error_code(errc::invalid_argument);
    if (is_utc(iana_name)) return time_zone{};
    std::string name(iana_name);
    cctz::time_zone zone;
    if (!cctz::load_time_zone(name, &zone)) return make_error_code(errc::not_found);
    time_zone found;
    const auto first = zone.lookup(instant::min()).offset;
    found.table_ = std::make_shared<const zone_table>(std::move(name), first, changes_of(zone));
    return found;
}

const std::string& time_zone::name() const noexcept {
    static const std::string utc_name = "UTC";
    return table_ ? table_->name() : utc_name;
}

seconds time_zone::offset_at(wall_time t) const noexcept {
    if (!table_) return seconds{0};
    auto at = to_unix_seconds(t);
    if (table_->repeats() && at >= table_->horizon())
        at -= ((at - table_->horizon()) / cron::seconds_400_years + 1) * cron::seconds_400_years;
    return seconds{(*table_)[table_->index_at(at)].offset};
}

std::string time_zone::format(wall_time t) const {
    const auto offset = offset_at(t).count();
    const auto local = to_unix_seconds(t) + offset;
    const auto days = cron::floor_divide(local, cron::seconds_a_day);
    const auto date = cron::civil_from_days(days);
    const auto time = static_cast<int>(local - days * cron::seconds_a_day);
    const auto away = static_cast<int>(offset < 0 ? -offset : offset);
    char text[64];
    auto size = std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d%c%02d:%02d",
                              date.year, date.month, date.day, time / 3600, time / 60 % 60,
                              time % 60, offset < 0 ? '-' : '+', away / 3600, away / 60 % 60);
    if (away % 60 != 0)
        size += std::snprintf(text + size, sizeof text - static_cast<std::size_t>(size), ":%02d",
                              away % 60);
    return {text, static_cast<std::size_t>(size)};
}

std::string time_zone::data_version() {
    const char* folder = std::getenv("TZDIR");
    std::ifstream file(std::string(folder != nullptr ? folder : "/usr/share/zoneinfo") +
                       "/tzdata.zi");
    std::string line;
    constexpr std::string_view before = "# version ";
    if (!std::getline(file, line) || !line.starts_with(before)) return {};
    return line.substr(before.size());
}

}  // namespace holdfast
