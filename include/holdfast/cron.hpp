// Cron expressions: parse, next fire time, explanation and warnings, in four dialects.
#pragma once

#include "holdfast/error.hpp"
#include "holdfast/time.hpp"
#include "holdfast/time_zone.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast {

/// Whose rules an expression follows: what is accepted, how weekdays are numbered, and what happens
/// to local times that do not exist (a gap: clocks go forward) or come twice (an overlap).
///
/// - holdfast: 5, 6 or 7 fields; Sunday is 0 and 7. Five fields: day or weekday suffices unless one
///   of them starts with `*` or `?`; six and seven: both must hold. Fixed times in a gap run once,
///   at its end; in an overlap, the first time only. Others follow real time. Fixed: second, minute
///   and hour are plain numbers or lists.
/// - spring: 6 fields; Sunday is 0 and 7; both must hold. Gap: skipped. Overlap: both times.
/// - quartz: 6 or 7 fields; Sunday is 1; one day field must be `?`. Gap: skipped. Overlap: the
///   second time only.
/// - vixie: 5 fields; Sunday is 0 and 7; day and weekday as holdfast. Clock changes as holdfast,
///   but fixed means: neither minute nor hour starts with `*`; jumps above 3 hours do not count.
///
/// Sources: the originals' code and tests; tests/data/cron says which.
enum class cron_dialect : std::uint8_t { holdfast, spring, quartz, vixie };

/// "holdfast", "spring", "quartz", "vixie".
std::string_view name_of(cron_dialect) noexcept;
std::optional<cron_dialect> cron_dialect_of(std::string_view name) noexcept;

/// Why a text is not an expression, for people.
struct cron_problem {
    std::string message;       ///< what is wrong, and what to write instead
    std::size_t position = 0;  ///< offset in the text
    std::size_t length = 0;    ///< how much of it
};

/// A pitfall that does not make an expression invalid.
struct cron_warning {
    enum class kind : std::uint8_t {
        never_fires,        ///< no date satisfies it, or its years are over
        fires_twice,        ///< one local time, two instants, when clocks go back
        moved_or_skipped,   ///< a fire time falls where clocks go forward
        dialects_differ,    ///< the same text means something else elsewhere
        bare_weekday,       ///< a weekday number whose meaning depends on the dialect
        step_beyond_range,  ///< `*/90`: a step larger than the field
        short_months,       ///< some months have no such day
        manual_only,        ///< @manual, @reboot: never by the clock
    };
    kind what;
    std::string text;
};

/// What an expression says, decoded. Filled by parse(); read by whoever wants to look inside.
struct cron_fields {
    /// What one field allows: bit n for the number n.
    struct field {
        std::uint64_t bits = 0;
        bool star = false;   ///< starts with `*` or `?`
        bool plain = false;  ///< numbers and commas only
        friend bool operator==(const field&, const field&) = default;
    };
    enum class gap_rule : std::uint8_t { skip, run_after };
    enum class overlap_rule : std::uint8_t { first, second, both };

    field second, minute, hour, day, month;
    field weekday;                         ///< bit 0 is Sunday
    std::uint64_t nth_weekday = 0;         ///< bit 7·(n−1)+d: `d#n`
    std::array<std::uint64_t, 4> years{};  ///< bit y−1970; all zero: every year
    std::uint32_t last = 0;                ///< bit n: `L-n`
    std::uint32_t last_workday = 0;        ///< bit n: `L-nW`
    std::uint32_t nearest_workday = 0;     ///< bit n: `nW`
    std::uint8_t last_weekday = 0;         ///< bit d: `dL`
    std::uint8_t count = 0;                ///< fields written: 5, 6 or 7
    bool either_day = false;               ///< day or weekday suffices; otherwise both
    bool plus = false;                     ///< `+`: both, although a 5-field text would say either
    gap_rule gap = gap_rule::skip;
    overlap_rule overlap = overlap_rule::both;

    /// How it was written, for lint() and text(); says nothing about fire times.
    struct remarks {
        bool wide_step = false;      ///< a step as large as its field
        bool bare_weekday = false;   ///< a weekday as a number
        bool question_mark = false;  ///< ? in a day field
        friend bool operator==(const remarks&, const remarks&) { return true; }
    };
    remarks written;

    bool any_year() const noexcept { return (years[0] | years[1] | years[2] | years[3]) == 0; }
    friend bool operator==(const cron_fields&, const cron_fields&) = default;
};

/// An expression: fields, a macro, `@every SPAN` or `@at INSTANT`, optionally behind `TZ=zone`.
///
/// A value of about 200 bytes; parsing allocates only for a `TZ=` prefix. Thread rule: const
/// members from any thread.
class cron_expression {
public:
    enum class form : std::uint8_t { fields, every, at, manual, reboot };

    /// Grammar: docs/cron.md. `hash_seed` decides what `H` stands for: pass a hash of the job's
    /// name and every instance agrees. On failure errc::invalid_argument, and `why`, when given,
    /// says where and what.
    static result<cron_expression> parse(std::string_view text,
                                         cron_dialect dialect = cron_dialect::holdfast,
                                         std::uint64_t hash_seed = 0, cron_problem* why = nullptr);

    /// The first fire time strictly after `t` (whose fraction of a second is dropped first), on
    /// whole seconds. The expression's own `TZ=` zone goes before the argument. Nothing when it
    /// never fires again. Takes under 2 µs whatever the expression. As their originals do, quartz
    /// reads a `t` in the first pass of an overlap as the second, and spring may find other times
    /// from other bases around changes by half an hour.
    std::optional<wall_time> next_after(wall_time t, const time_zone& zone) const;

    /// The last fire time strictly before `t`, not before `not_before`. About 30 times the work of
    /// next_after().
    std::optional<wall_time> last_before(wall_time t, const time_zone& zone,
                                         wall_time not_before) const;

    /// Whether `t`, without its fraction of a second, is a fire time.
    bool matches(wall_time t, const time_zone& zone) const;

    /// One English sentence: "At 02:30, on Monday through Friday".
    std::string describe() const;

    /// What is likely to surprise. `from` is where the preview of clock changes begins (two years).
    std::vector<cron_warning> lint(const time_zone& zone, wall_time from) const;

    /// The canonical text in its dialect, `H` already resolved: parse(text(), dialect()) == *this.
    std::string text() const;

    cron_dialect dialect() const noexcept { return dialect_; }
    form shape() const noexcept { return form_; }
    /// True when no calendar date satisfies it (30 February) or it has no times (`@manual`).
    bool never_fires() const noexcept { return never_; }
    /// The zone of a `TZ=` prefix.
    const std::optional<time_zone>& own_zone() const noexcept { return zone_; }
    /// The span of `@every`; zero for other forms.
    seconds period() const noexcept { return seconds{form_ == form::every ? number_ : 0}; }
    /// `@every` counts from here: fire times are anchor + k·period. The epoch unless set.
    void anchor(wall_time at) noexcept;

    friend bool operator==(const cron_expression&, const cron_expression&) = default;

    const cron_fields& fields() const noexcept { return fields_; }

private:
    friend class cron_parser;  // src/schedule/cron/parse.cpp
    cron_expression() = default;
    std::optional<wall_time> search(wall_time t, const time_zone& zone, bool as_original) const;

    cron_fields fields_;
    cron_dialect dialect_ = cron_dialect::holdfast;
    form form_ = form::fields;
    bool never_ = false;
    std::int64_t number_ = 0;  // every: the period in seconds; at: Unix seconds
    std::int64_t anchor_ = 0;  // every: Unix seconds
    std::optional<time_zone> zone_;
};

}  // namespace holdfast
