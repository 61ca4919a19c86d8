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

/// Whose rules an expression follows: numbering of weekdays, what is accepted, clock changes.
///
/// | dialect  | fields | weekday 1 | day and weekday | time inside a gap | time that comes twice |
/// |----------|--------|-----------|-----------------|-------------------|----------------------------|
/// | holdfast | 5 6 7  | Monday    | 5 fields: either unless one starts with `*`; 6, 7: both | | |
/// |           |                 | fixed: at its end | fixed: first; others: both | | spring   | 6
/// | Monday    | both            | skipped           | both                       | | quartz   | 6
/// 7    | Sunday    | one must be `?` | skipped           | second                     | | vixie |
/// 5      | Monday    | either unless one starts with `*`                             | | | | | |
/// fixed: at its end | fixed: first; `*`: both    |
///
/// "fixed" is, in holdfast, an expression whose second, minute and hour are plain numbers or lists;
/// in vixie one whose minute and hour do not start with `*`. Sources: the daemons' own code and
/// tests; tests/data/cron says which.
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
    /// never fires again. Takes under 2 µs whatever the expression.
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

private:
    friend struct cron_access;  // src/schedule/cron: parser, search, printer

    /// Bits of what a field allows. `plain`: only numbers and commas; `star`: starts with * or ?.
    struct field {
        std::uint64_t bits = 0;
        bool star = false;
        bool plain = false;
        friend bool operator==(const field&, const field&) = default;
    };
    enum class gap : std::uint8_t { skip, run_after };
    enum class overlap : std::uint8_t { first, second, both };

    field second_, minute_, hour_;
    field day_, month_, weekday_;           // bit n: the number n; weekday 0 is Sunday
    std::uint32_t last_ = 0;                // bit n: L-n
    std::uint32_t last_workday_ = 0;        // bit n: L-nW
    std::uint32_t nearest_workday_ = 0;     // bit n: nW
    std::uint64_t nth_weekday_ = 0;         // bit 7·(n-1)+d: d#n
    std::uint8_t last_weekday_ = 0;         // bit d: dL
    std::uint8_t field_count_ = 0;          // 5, 6 or 7
    std::array<std::uint64_t, 4> years_{};  // bit y-1970; all zero: every year
    cron_dialect dialect_ = cron_dialect::holdfast;
    form form_ = form::fields;
    bool either_day_ = false;  // day or weekday suffices
    bool force_both_ = false;  // a + in the weekday field
    gap gap_ = gap::skip;
    overlap overlap_ = overlap::both;
    bool never_ = false;
    bool wide_step_ = false;     // a step larger than its field was written
    bool bare_weekday_ = false;  // a weekday was written as a number
    std::int64_t number_ = 0;    // @every: seconds; @at: Unix seconds
    std::int64_t anchor_ = 0;    // @every: Unix seconds
    std::optional<time_zone> zone_;
};

}  // namespace holdfast
