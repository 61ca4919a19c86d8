// Warnings about expressions that parse but are likely to surprise.
#include "holdfast/cron.hpp"
#include "schedule/cron/civil.hpp"
#include "schedule/cron/field_names.hpp"
#include "schedule/cron/local_search.hpp"
#include "schedule/cron/month_days.hpp"
#include "schedule/cron/zone_table.hpp"

#include <algorithm>

namespace holdfast {
namespace {

using namespace cron;
using kind = cron_warning::kind;

constexpr std::int64_t preview = 2 * 366 * seconds_a_day;

class linter {
public:
    linter(const cron_expression& e, const time_zone& zone, wall_time from)
        : e_(e), f_(e.fields()), zone_(e.own_zone().value_or(zone)), from_(from) {}

    std::vector<cron_warning> run() {
        using form = cron_expression::form;
        if (e_.shape() == form::manual || e_.shape() == form::reboot) {
            add(kind::manual_only, "never fires by the clock; start it with holdfast job run");
            return std::move(found_);
        }
        if (!e_.next_after(from_, zone_))
            add(kind::never_fires, e_.never_fires() ? "never fires: no such date exists"
                                                    : "never fires again: its time is over");
        if (e_.shape() != form::fields) return std::move(found_);
        written();
        short_months();
        if (found_.empty() || found_.front().what != kind::never_fires) {
            other_dialects();
            clock_changes();
        }
        return std::move(found_);
    }

private:
    void add(kind what, std::string text) { found_.push_back({what, std::move(text)}); }

    void written() {
        const bool quartz = e_.dialect() == cron_dialect::quartz;
        if (f_.written.bare_weekday && (f_.written.question_mark || quartz))
            add(kind::bare_weekday, quartz ? "weekday 1 is Sunday here and Monday in most others; "
                                             "write names: MON-FRI"
                                           : "weekday 1 is Monday here and Sunday in Quartz, where "
                                             "? comes from; write names: MON-FRI");
        if (f_.written.wide_step)
            add(kind::step_beyond_range,
                "a step as large as its field fires once in it, at its start; write a single "
                "value, or @every for other intervals");
    }

    void short_months() {
        const bool special = (f_.last | f_.last_workday | f_.nearest_workday) != 0;
        if (special || f_.either_day || f_.day.bits == 0) return;
        std::string months;
        for (unsigned m = 1; m <= 12; ++m) {
            const auto longest = days_in_month(2000, m);
            const auto within = (std::uint64_t{2} << longest) - 2;
            if ((f_.month.bits >> m & 1) == 0 || (f_.day.bits & within) != 0) continue;
            months += (months.empty() ? "" : ", ") + std::string(month_names[m - 1]);
        }
        if (!months.empty() && !e_.never_fires())
            add(kind::short_months,
                "skips months without such a day: " + months + "; L is the last day of any month");
    }

    // The text as it would be carried over to another dialect.
    std::string carried_to(cron_dialect other) const {
        auto text = e_.text();
        if (e_.own_zone()) text.erase(0, text.find(' ') + 1);
        const bool seconds = other == cron_dialect::spring || other == cron_dialect::quartz;
        if (f_.count == 5 && seconds) text.insert(0, "0 ");
        if (f_.count == 6 && other == cron_dialect::vixie && text.starts_with("0 "))
            text.erase(0, 2);
        if (other != cron_dialect::quartz || e_.dialect() == other) return text;
        const auto weekday = text.rfind(' ', f_.count == 7 ? text.rfind(' ') - 1 : text.npos) + 1;
        auto month = text.rfind(' ', weekday - 2);
        const auto day = text.rfind(' ', month - 1) + 1;
        if (f_.weekday.star && f_.weekday.bits == 0x7F)
            text[weekday] = '?';
        else if (f_.day.star)
            text[day] = '?';
        return text;
    }

    void other_dialects() {
        std::string differing;
        for (const auto other : {cron_dialect::holdfast, cron_dialect::spring, cron_dialect::quartz,
                                 cron_dialect::vixie}) {
            if (other == e_.dialect()) continue;
            const auto same_text = cron_expression::parse(carried_to(other), other);
            if (!same_text || same_times(*same_text)) continue;
            const auto first = same_text->next_after(from_, time_zone::utc());
            differing += (differing.empty() ? "" : "; ") + std::string(name_of(other)) +
                         " would fire first at " +
                         (first ? time_zone::utc().format(*first) : "no time");
        }
        if (!differing.empty())
            add(kind::dialects_differ, "the same text means other times elsewhere: " + differing);
    }

    bool same_times(const cron_expression& other) const {
        constexpr int enough = 60;
        auto at = from_;
        for (int i = 0; i < enough; ++i) {
            const auto mine = e_.next_after(at, time_zone::utc());
            if (mine != other.next_after(at, time_zone::utc())) return false;
            if (!mine) return true;
            at = std::max(*mine, at + hours{1});  // look at days rather than at one hour
        }
        return true;
    }

    void clock_changes() {
        const auto* table = zone_.table();
        constexpr std::uint64_t all_hours = 0xFF'FFFF;
        if (table == nullptr || f_.hour.bits == all_hours) return;
        const auto first = to_unix_seconds(from_);
        bool twice = false;
        bool moved = false;
        for (auto i = table->index_at(first); i + 1 < table->size(); ++i) {
            const auto& segment = (*table)[i];
            if (segment.end > first + preview) return;
            if (segment.after < segment.offset && !twice) twice = fires_twice(segment);
            if (segment.after > segment.offset && !moved) moved = falls_into_gap(segment);
        }
    }

    bool fires_twice(const zone_segment& s) {
        const auto length = s.offset - s.after;
        auto local = s.end + s.after;
        for (int tries = 0; tries < 8; ++tries) {
            local = next_local(f_, e_.dialect() == cron_dialect::spring, local);
            if (local >= s.end + s.offset) return false;
            const auto once = from_unix_seconds(local - s.offset);
            const auto again = once + seconds{length};
            if (e_.matches(once, zone_) && e_.matches(again, zone_)) {
                add(kind::fires_twice, "fires twice when clocks go back: " + zone_.format(once) +
                                           " and " + zone_.format(again));
                return true;
            }
            ++local;
        }
        return false;
    }

    bool falls_into_gap(const zone_segment& s) {
        const auto begins = s.end + s.offset;
        const auto local = next_local(f_, e_.dialect() == cron_dialect::spring, begins);
        if (local >= s.end + s.after) return false;
        const auto missing = time_zone::utc().format(from_unix_seconds(local)).substr(0, 19);
        const auto change = from_unix_seconds(s.end);
        add(kind::moved_or_skipped,
            missing + " does not exist, clocks go forward: " +
                (e_.matches(change, zone_) ? "runs at " + zone_.format(change) : "skipped"));
        return true;
    }

    const cron_expression& e_;
    const cron_fields& f_;
    time_zone zone_;
    wall_time from_;
    std::vector<cron_warning> found_;
};

}  // namespace

std::vector<cron_warning> cron_expression::lint(const time_zone& zone, wall_time from) const {
    return linter(*this, zone, from).run();
}

}  // namespace holdfast
