// Time zones: an immutable table of offsets, cheap to copy and to ask from any thread.
#pragma once

#include "holdfast/error.hpp"
#include "holdfast/time.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace holdfast {

class zone_table;

/// A zone of the IANA database, or UTC. A value: copies share one immutable table, and nothing here
/// reads or depends on the host's own zone (TZ, /etc/localtime).
///
/// Thread rule: const members from any thread; find() is thread-safe and takes some 100 µs, so keep
/// what it gave.
class time_zone {
public:
    /// UTC; needs no files.
    time_zone() noexcept = default;
    static time_zone utc() noexcept { return {}; }

    /// "Europe/Berlin", "Asia/Shanghai", "UTC". Names are case-sensitive, as in the database.
    /// errc::invalid_argument: not the shape of a name (absolute paths, "..", the host's
    /// "localtime"); errc::not_found: the host's database has no such zone.
    static result<time_zone> find(std::string_view iana_name);

    const std::string& name() const noexcept;

    /// Local time minus UTC at that instant. Whole seconds; before standard time not whole minutes.
    seconds offset_at(wall_time t) const noexcept;

    /// "2026-11-22T02:30:00+08:00": local time with an explicit offset, +00:00 for UTC; a fraction
    /// of a second is dropped. Offsets with seconds are printed with them ("+00:19:32").
    std::string format(wall_time t) const;

    /// Which release of the database the host has, "2025b"; empty when it does not say.
    static std::string data_version();

    /// The same name; not the same rules under another release of the database.
    friend bool operator==(const time_zone& a, const time_zone& b) noexcept {
        return a.name() == b.name();
    }

    /// For the schedule room: the offsets. Null for UTC.
    const zone_table* table() const noexcept { return table_.get(); }

private:
    std::shared_ptr<const zone_table> table_;
};

/// Reads an instant: "2026-11-22T02:30:00+08:00" or with "Z" (RFC 3339; seconds may be left out, a
/// space may stand for the T). Without an offset it is local time in `zone`: the first of two when
/// the clock went back, the end of the gap when it went forward. Years 0001 to 9999.
/// errc::invalid_argument otherwise.
result<wall_time> parse_instant(std::string_view text, const time_zone& zone = {});

}  // namespace holdfast
