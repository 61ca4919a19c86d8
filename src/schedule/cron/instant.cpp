// Reads ISO 8601 instants: an offset, a Z, or local time of a zone.
#include "holdfast/time_zone.hpp"
#include "schedule/cron/civil.hpp"
#include "schedule/cron/zone_table.hpp"

#include <optional>

namespace holdfast {
namespace {

class reader {
public:
    explicit reader(std::string_view text) : rest_(text) {}

    bool done() const { return rest_.empty(); }
    bool take(char c) {
        if (rest_.empty() || rest_.front() != c) return false;
        rest_.remove_prefix(1);
        return true;
    }
    // Exactly `digits` digits, within [low, high].
    std::optional<int> number(std::size_t digits, int low, int high) {
        if (rest_.size() < digits) return {};
        int value = 0;
        for (const char c : rest_.substr(0, digits)) {
            if (c < '0' || c > '9') return {};
            value = value * 10 + (c - '0');
        }
        if (value < low || value > high) return {};
        rest_.remove_prefix(digits);
        return value;
    }
    // Microseconds of a fraction; further digits are dropped.
    std::optional<int> fraction() {
        int value = 0;
        int digits = 0;
        for (; !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9'; ++digits) {
            if (digits < 6) value = value * 10 + (rest_.front() - '0');
            rest_.remove_prefix(1);
        }
        if (digits == 0) return {};
        for (; digits < 6; ++digits) value *= 10;
        return value;
    }

private:
    std::string_view rest_;
};

// Local seconds to an instant: the first of two, the end of the gap for none.
std::int64_t to_unix(std::int64_t local, const zone_table* table) {
    if (table == nullptr) return local;
    // Offsets are within a day or so of UTC, so the segment of two days before is not too late.
    auto i = table->index_at(local - 2 * cron::seconds_a_day);
    for (;; ++i) {
        const auto& segment = (*table)[i];
        if (i + 1 == table->size() || local < segment.end + segment.offset)
            return std::max(local - segment.offset, segment.start);
    }
}

struct local_time {
    std::int64_t seconds;
    int micros;
};

std::optional<std::int64_t> read_date(reader& in) {
    const auto year = in.number(4, 1, 9999);
    if (!year || !in.take('-')) return {};
    const auto month = in.number(2, 1, 12);
    if (!month || !in.take('-')) return {};
    const auto last = cron::days_in_month(*year, static_cast<unsigned>(*month));
    const auto day = in.number(2, 1, static_cast<int>(last));
    if (!day) return {};
    return cron::days_from_civil(*year, static_cast<unsigned>(*month), static_cast<unsigned>(*day));
}

std::optional<local_time> read_local(reader& in) {
    const auto days = read_date(in);
    if (!days || !(in.take('T') || in.take('t') || in.take(' '))) return {};
    const auto hour = in.number(2, 0, 23);
    if (!hour || !in.take(':')) return {};
    const auto minute = in.number(2, 0, 59);
    if (!minute) return {};
    local_time read{*days * cron::seconds_a_day + *hour * 3600 + *minute * 60, 0};
    if (!in.take(':')) return read;
    const auto second = in.number(2, 0, 59);
    if (!second) return {};
    read.seconds += *second;
    if (!in.take('.') && !in.take(',')) return read;
    const auto micros = in.fraction();
    if (!micros) return {};
    read.micros = *micros;
    return read;
}

// Seconds east of UTC after a sign: hh:mm, hhmm or hh:mm:ss.
std::optional<std::int64_t> read_offset(reader& in) {
    const auto hour = in.number(2, 0, 26);
    if (!hour) return {};
    in.take(':');
    const auto minute = in.number(2, 0, 59);
    if (!minute) return {};
    std::optional<int> second = 0;
    if (in.take(':')) second = in.number(2, 0, 59);
    if (!second) return {};
    return *hour * 3600 + *minute * 60 + *second;
}

}  // namespace

result<wall_time> parse_instant(std::string_view text, const time_zone& zone) {
    reader in(text);
    const auto local = read_local(in);
    if (!local) return make_error_code(errc::invalid_argument);
    std::int64_t at = local->seconds;
    if (in.done()) {
        at = to_unix(at, zone.table());
    } else if (!in.take('Z') && !in.take('z')) {
        const bool west = in.take('-');
        if (!west && !in.take('+')) return make_error_code(errc::invalid_argument);
        const auto offset = read_offset(in);
        if (!offset) return make_error_code(errc::invalid_argument);
        at -= west ? -*offset : *offset;
    }
    if (!in.done()) return make_error_code(errc::invalid_argument);
    return from_unix_seconds(at) + microseconds{local->micros};
}

}  // namespace holdfast
