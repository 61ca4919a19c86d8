// An expression as one English sentence.
#include "holdfast/cron.hpp"
#include "schedule/cron/bit_runs.hpp"
#include "schedule/cron/field_names.hpp"

#include "base/duration.hpp"

#include <cstdio>

namespace holdfast {
namespace {

using namespace cron;

constexpr std::array<std::string_view, 5> ordinals{"first", "second", "third", "fourth", "fifth"};

std::string joined(const std::vector<std::string>& parts, std::string_view last = " and ") {
    std::string out;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (i != 0) out += i + 1 == parts.size() ? last : std::string_view(", ");
        out += parts[i];
    }
    return out;
}

template <std::size_t N>
std::string named(const std::array<std::string_view, N>& names, int i) {
    return std::string(names[static_cast<std::size_t>(i)]);
}

// Values by name or number, neighbours joined: "Monday through Friday and Sunday".
template <class Name>
std::string listed(const std::vector<int>& numbers, Name name) {
    std::vector<std::string> parts;
    for (const auto& r : runs_of(numbers)) {
        if (r.last - r.first >= 2) {
            parts.push_back(name(r.first) + " through " + name(r.last));
        } else {
            for (int n = r.first; n <= r.last; ++n) parts.push_back(name(n));
        }
    }
    return joined(parts);
}

std::string number(int n) { return std::to_string(n); }

std::string clock(int hour, int minute, int second, bool with_seconds) {
    char text[16];
    if (with_seconds)
        std::snprintf(text, sizeof text, "%02d:%02d:%02d", hour, minute, second);
    else
        std::snprintf(text, sizeof text, "%02d:%02d", hour, minute);
    return text;
}

// "every 10 minutes", "at minutes 5 and 35", "minutes 0 through 30"; empty for every value.
std::string level(std::uint64_t bits, int size, std::string_view unit) {
    const auto numbers = numbers_of(bits);
    if (numbers.size() == static_cast<std::size_t>(size)) return {};
    const std::string name(unit);
    const int step = step_of(numbers);
    const bool to_the_end = step != 0 && numbers.back() + step >= size;
    if (to_the_end && numbers.front() == 0) return "every " + number(step) + " " + name + "s";
    if (step != 0)
        return "every " + number(step) + " " + name + "s from " + name + " " +
               number(numbers.front()) + (to_the_end ? "" : " through " + number(numbers.back()));
    return "at " + name + (numbers.size() > 1 ? "s " : " ") + listed(numbers, number);
}

std::string time_of_day(const cron_fields& f) {
    const auto seconds = numbers_of(f.second.bits);
    const auto minutes = numbers_of(f.minute.bits);
    const auto hours = numbers_of(f.hour.bits);
    const bool on_the_minute = f.second.bits == 1;
    if (seconds.size() == 1 && minutes.size() * hours.size() <= 6) {
        std::vector<std::string> times;
        for (const int h : hours)
            for (const int m : minutes) times.push_back(clock(h, m, seconds[0], !on_the_minute));
        return "at " + joined(times);
    }
    std::vector<std::string> parts;
    if (const auto s = level(f.second.bits, 60, "second"); s.empty())
        parts.push_back("every second");
    else if (!on_the_minute)
        parts.push_back(s);
    if (const auto m = level(f.minute.bits, 60, "minute"); !m.empty())
        parts.push_back(m);
    else if (on_the_minute)
        parts.push_back("every minute");
    const auto h = level(f.hour.bits, 24, "hour");
    if (!h.empty())
        parts.push_back(h);
    else if (minutes.size() == 1)
        parts.push_back("every hour");
    return joined(parts, ", ");
}

std::string days(const cron_fields& f) {
    std::vector<std::string> parts;
    const auto numbers = numbers_of(f.day.bits);
    if (numbers.size() < 31 && !numbers.empty())
        parts.push_back((numbers.size() > 1 ? "days " : "day ") + listed(numbers, number) +
                        " of the month");
    for (const int n : numbers_of(f.nearest_workday))
        parts.push_back("the workday nearest to day " + number(n));
    for (const int n : numbers_of(f.last))
        parts.push_back(n == 0 ? "the last day of the month"
                               : "the day " + number(n) + " before the last of the month");
    for (const int n : numbers_of(f.last_workday))
        parts.push_back(n == 0 ? "the last workday of the month"
                               : "the workday nearest to the day " + number(n) +
                                     " before the last of the month");
    return joined(parts);
}

std::string weekdays(const cron_fields& f) {
    const auto name = [](int d) { return named(weekday_names, d); };
    std::vector<std::string> parts;
    const auto numbers = numbers_of(f.weekday.bits);
    if (numbers.size() < 7 && !numbers.empty()) parts.push_back(listed(numbers, name));
    for (const int bit : numbers_of(f.nth_weekday))
        parts.push_back("the " + named(ordinals, bit / 7) + " " + name(bit % 7) + " of the month");
    for (const int d : numbers_of(f.last_weekday))
        parts.push_back("the last " + name(d) + " of the month");
    return joined(parts);
}

std::string sentence(const cron_fields& f) {
    std::string out = time_of_day(f);
    const auto by_day = days(f);
    const auto by_weekday = weekdays(f);
    if (!by_day.empty()) out += ", on " + by_day;
    if (!by_weekday.empty())
        out += (by_day.empty() ? ", on " : f.either_day ? " or on " : " if it is ") + by_weekday;
    if (const auto months = numbers_of(f.month.bits); months.size() < 12)
        out += ", in " + listed(months, [](int m) { return named(month_names, m - 1); });
    if (!f.any_year()) out += ", in " + listed(years_of(f.years), number);
    return out;
}

}  // namespace

std::string cron_expression::describe() const {
    std::string out;
    switch (form_) {
        case form::every:
            out = "every " + format_duration(period()) + ", counted from " +
                  time_zone::utc().format(from_unix_seconds(anchor_));
            break;
        case form::at:
            out = "once, at " +
                  (zone_ ? *zone_ : time_zone::utc()).format(from_unix_seconds(number_));
            break;
        case form::manual: out = "only when asked for, never by the clock"; break;
        case form::reboot: out = "at the start of the process, never by the clock"; break;
        case form::fields: out = sentence(fields_); break;
    }
    out.front() = upper(out.front());
    if (zone_ && form_ == form::fields) out += ", in the zone " + zone_->name();
    if (never_ && form_ == form::fields) out += ": never, no such date exists";
    return out;
}

}  // namespace holdfast
