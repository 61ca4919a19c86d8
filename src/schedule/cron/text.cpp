// The canonical text: what parse() reads back to the same fields in the same dialect.
#include "holdfast/cron.hpp"
#include "schedule/cron/bit_runs.hpp"
#include "schedule/cron/field_names.hpp"

#include "base/duration.hpp"

namespace holdfast {
namespace {

using namespace cron;

class printer {
public:
    printer(const cron_fields& f, cron_dialect dialect) : f_(f), dialect_(dialect) {}

    std::string text() const {
        std::string out;
        if (f_.count != 5) out += clock_field(f_.second, 59) + " ";
        out += clock_field(f_.minute, 59) + " ";
        out += clock_field(f_.hour, 23) + " ";
        out += day() + " ";
        out += items(f_.month, 1, 12, {}, false) + " ";
        if (f_.plus) out += "+";
        out += weekday();
        if (f_.count == 7) out += " " + years();
        return out;
    }

private:
    bool quartz() const { return dialect_ == cron_dialect::quartz; }

    std::string clock_field(const cron_fields::field& field, int last) const {
        return items(field, 0, last, {}, false);
    }

    bool weekday_free() const { return f_.weekday.star && f_.weekday.bits == 0x7F; }

    std::string day() const {
        if (quartz() && !weekday_free()) return "?";
        std::string special;
        const auto add = [&](std::uint32_t bits, std::string_view before, std::string_view after) {
            for (const int n : numbers_of(bits)) {
                if (!special.empty()) special += ',';
                special += before;
                if (before.empty() || n > 0) special += (before.empty() ? "" : "-") + number(n);
                special += after;
            }
        };
        add(f_.nearest_workday, "", "W");
        add(f_.last, "L", "");
        add(f_.last_workday, "L", "W");
        return items(f_.day, 1, 31, special, false);
    }

    std::string weekday() const {
        if (quartz() && weekday_free()) return "?";
        std::string special;
        for (const int bit : numbers_of(f_.nth_weekday))
            special += (special.empty() ? "" : ",") + name(bit % 7) + "#" + number(bit / 7 + 1);
        for (const int bit : numbers_of(f_.last_weekday))
            special += (special.empty() ? "" : ",") + name(bit) + "L";
        return items(f_.weekday, 0, 6, special, true);
    }

    std::string years() const {
        if (f_.any_year()) return "*";
        std::string out;
        for (const auto& r : runs_of(years_of(f_.years))) {
            if (!out.empty()) out += ',';
            out += number(r.first);
            if (r.last != r.first) out += "-" + number(r.last);
        }
        return out;
    }

    static std::string number(int n) { return std::to_string(n); }

    std::string name(int weekday) const {
        if (f_.written.bare_weekday) return number(quartz() ? weekday + 1 : weekday);
        std::string word;
        for (const char c : weekday_names[static_cast<std::size_t>(weekday)].substr(0, 3))
            word += upper(c);
        return word;
    }

    std::string value(int n, bool weekdays) const { return weekdays ? name(n) : number(n); }

    // `*` or the finest `*/n` that lies within, and what it leaves over in `bits`.
    std::string star_item(std::uint64_t& bits, int first, int last, bool weekdays) const {
        const int shift = weekdays && dialect_ == cron_dialect::spring ? 1 : 0;
        for (int step = 1;; ++step) {
            std::uint64_t covered = 0;
            for (int n = first + shift; n <= last + shift; n += step)
                covered |= std::uint64_t{1} << (weekdays ? n % 7 : n);
            if ((covered & ~bits) != 0 && step <= last) continue;
            bits &= ~covered;
            return step == 1 ? "*" : "*/" + number(step);
        }
    }

    std::string items(const cron_fields::field& field, int first, int last,
                      const std::string& special, bool weekdays) const {
        std::string out;
        auto bits = field.bits;
        if (field.star) out = star_item(bits, first, last, weekdays);
        const auto numbers = numbers_of(bits);
        const bool must_show_range = out.empty() && special.empty() && !field.plain;
        if (const int step = step_of(numbers); step != 0 && must_show_range)
            return value(numbers.front(), weekdays) + "-" + value(numbers.back(), weekdays) + "/" +
                   number(step);
        const auto join = [&](const std::string& item) { out += (out.empty() ? "" : ",") + item; };
        if (field.plain) {
            for (const int n : numbers) join(value(n, weekdays));
        } else {
            for (const auto& r : runs_of(numbers)) {
                const bool single = r.first == r.last && !(must_show_range && out.empty());
                join(value(r.first, weekdays) +
                     (single ? std::string() : "-" + value(r.last, weekdays)));
            }
        }
        if (!special.empty()) join(special);
        return out;
    }

    const cron_fields& f_;
    cron_dialect dialect_;
};

}  // namespace

std::string cron_expression::text() const {
    const auto before = zone_ ? "TZ=" + zone_->name() + " " : std::string();
    switch (form_) {
        case form::every: return before + "@every " + format_duration(period());
        case form::at: {
            auto instant = time_zone::utc().format(from_unix_seconds(number_));
            return before + "@at " + instant.replace(instant.size() - 6, 6, "Z");
        }
        case form::manual: return before + "@manually";
        case form::reboot: return before + "@reboot";
        case form::fields: break;
    }
    return before + printer(fields_, dialect_).text();
}

}  // namespace holdfast
