// Numbers, names and steps, and the suffixes L, W and # of the two day fields.
#include "schedule/cron/field_names.hpp"
#include "schedule/cron/field_parser.hpp"

#include <algorithm>

namespace holdfast::cron {
namespace {

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
constexpr bool is_letter(char c) noexcept { return upper(c) >= 'A' && upper(c) <= 'Z'; }

constexpr std::string_view full_name(bool months, std::size_t i) noexcept {
    return months ? month_names[i] : weekday_names[i];
}

std::string range_text(int low, int high) {
    return std::to_string(low) + " to " + std::to_string(high);
}

}  // namespace

std::optional<int> field_parser::take_number(std::size_t start) {
    int number = 0;
    const auto first = at_;
    for (; at_ < text_.size() && is_digit(text_[at_]); ++at_)
        if (number < 100'000) number = number * 10 + (text_[at_] - '0');
    if (at_ == first) {
        fail(start, {"a number is missing in the ", title_of(kind_), " field"});
        return {};
    }
    if (number < low() || number > high()) {
        --at_;
        fail(first, {text_.substr(first, at_ + 1 - first), " is not a ", title_of(kind_),
                     "; allowed: ", range_text(low(), high())});
        return {};
    }
    return number;
}

std::optional<int> field_parser::take_step(std::size_t start) {
    ++at_;  // the slash
    int step = 0;
    const auto first = at_;
    for (; at_ < text_.size() && is_digit(text_[at_]); ++at_)
        if (step < 100'000) step = step * 10 + (text_[at_] - '0');
    if (at_ == first) {
        fail(start, {"a step without a number; write */5 or 0-30/5"});
        return {};
    }
    if (step == 0) {
        fail(start, {"a step of 0; write 1 or more"});
        return {};
    }
    if (kind_ == field_kind::year || step < size()) return step;
    // Quartz refuses steps as large as the clock's fields, and larger ones in the calendar's.
    if (is(cron_dialect::quartz) && (kind_ <= field_kind::hour || step > size())) {
        fail(start, {"a step as large as the ", title_of(kind_), " field; write a single value"});
        return {};
    }
    out_.written.wide_step = true;
    return step;
}

std::optional<field_parser::value> field_parser::take_name(std::size_t start) {
    const auto first = at_;
    auto end = first;
    while (end < text_.size() && is_letter(text_[end])) ++end;
    auto word = text_.substr(first, end - first);
    // FRIL: the name, then a suffix.
    if (kind_ == field_kind::weekday && word.size() == 4 && upper(word[3]) == 'L')
        word = word.substr(0, 3);
    const bool months = kind_ == field_kind::month;
    const std::size_t count = months ? month_names.size() : weekday_names.size();
    const auto* names = months ? short_month_names.data() : short_weekday_names.data();
    const auto i =
        static_cast<std::size_t>(std::find(names, names + count, three_letters(word)) - names);
    // Quartz reads full names too.
    const bool known =
        i < count &&
        (word.size() == 3 || (is(cron_dialect::quartz) && same_word(word, full_name(months, i))));
    const bool alone = end == text_.size() || !is_digit(text_[end]);  // not JAN1
    if (known && alone) {
        at_ += word.size();
        const bool from_one = months || is(cron_dialect::quartz);
        return value{static_cast<int>(i) + (from_one ? 1 : 0), true};
    }
    at_ = end > first ? end - 1 : end;
    fail(start, {"unknown name in the ", title_of(kind_), " field; write ",
                 months ? "JAN to DEC" : "SUN to SAT"});
    return {};
}

std::optional<field_parser::value> field_parser::take_value(std::size_t start) {
    const bool named = kind_ == field_kind::month || kind_ == field_kind::weekday;
    if (at_ < text_.size() && is_letter(text_[at_])) {
        if (named) return take_name(start);
        fail(start,
             {"letters in the ", title_of(kind_), " field; write ", range_text(low(), high())});
        return {};
    }
    if (at_ < text_.size() && !is_digit(text_[at_])) {
        fail(start, {"unexpected '", text_.substr(at_, 1), "' in the ", title_of(kind_),
                     " field; write ", range_text(low(), high())});
        return {};
    }
    const auto number = take_number(start);
    if (!number) return {};
    return value{*number, false};
}

bool field_parser::parse_suffix(std::size_t start, value of) {
    if (kind_ == field_kind::day && has_letter('W')) {
        ++at_;
        plain_ = false;
        out_.nearest_workday |= 1U << of.number;
        return end_of_item(start);
    }
    if (kind_ == field_kind::weekday && (has('#') || has_letter('L'))) {
        plain_ = false;
        alone_ = is(cron_dialect::quartz);
        if (alone_ && start != 0)
            return fail(start, {"in the quartz dialect L and # stand alone in the day of the "
                                "week; write one expression for each"});
        return parse_nth(start, of);
    }
    add(of.number);
    return end_of_item(start);
}

// dL, d#n, d#L.
bool field_parser::parse_nth(std::size_t start, value of) {
    const auto weekday = bit_of(of.number);
    const bool extended = is(cron_dialect::holdfast) || is(cron_dialect::vixie);
    const bool numbered = take('#');
    if (has_letter('L') && (!numbered || extended)) {
        ++at_;
        out_.last_weekday = static_cast<std::uint8_t>(out_.last_weekday | (1U << weekday));
        return end_of_item(start);
    }
    const bool digit = at_ < text_.size() && text_[at_] >= '1' && text_[at_] <= '9';
    // Spring accepts a sixth Monday and never fires.
    if (!digit || (text_[at_] > '5' && !is(cron_dialect::spring)))
        return fail(start, {"# takes which one of the month: 1 to 5; for the last write ",
                            text_.substr(start, 3).substr(0, of.name ? 3 : 1), "L"});
    const auto which = static_cast<unsigned>(text_[at_++] - '0');
    if (which <= 5) out_.nth_weekday |= std::uint64_t{1} << (7 * (which - 1) + weekday);
    return end_of_item(start);
}

// L, L-n, LW, L-nW in the day of the month.
bool field_parser::parse_last_day(std::size_t start) {
    ++at_;
    plain_ = false;
    int back = 0;
    const bool counted = take('-');
    if (counted) {
        const auto first = at_;
        for (; at_ < text_.size() && is_digit(text_[at_]) && at_ < first + 3; ++at_)
            back = back * 10 + (text_[at_] - '0');
        const int least = is(cron_dialect::spring) ? 1 : 0;
        if (at_ == first || back < least || back > 30)
            return fail(start, {"L- takes how many days before the last: ", range_text(least, 30)});
    }
    const auto bit = 1U << back;
    if (has_letter('W')) {
        if (counted && is(cron_dialect::spring))
            return fail(start, {"L-nW is not in the spring dialect; write LW or L-n"});
        ++at_;
        out_.last_workday |= bit;
    } else {
        out_.last |= bit;
    }
    return end_of_item(start);
}

bool field_parser::parse_last_weekday_alone(std::size_t start) {
    if (!is(cron_dialect::quartz))
        return fail(start, {"L alone in the day of the week; write SAT, or FRIL for the last "
                            "Friday of the month"});
    if (start != 0)
        return fail(start, {"in the quartz dialect L and # stand alone in the day of the week; "
                            "write SAT"});
    ++at_;
    plain_ = false;
    alone_ = true;
    add(7);
    return end_of_item(start);
}

}  // namespace holdfast::cron
