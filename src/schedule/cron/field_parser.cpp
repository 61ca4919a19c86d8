// The items of a field: *, numbers, ranges, steps, H.
#include "schedule/cron/field_parser.hpp"

#include "schedule/cron/field_names.hpp"

#include <algorithm>

namespace holdfast::cron {
namespace {

struct limits {
    int low;
    int high;
};
constexpr limits ranges[] = {{0, 59}, {0, 59}, {0, 23}, {1, 31}, {1, 12}, {0, 7}, {1970, 2199}};

// A strong mix of the job's seed and the field, so that the fields of one H differ.
std::uint64_t mixed(std::uint64_t seed, field_kind kind) {
    auto x = seed + 0x9E37'79B9'7F4A'7C15 * (static_cast<std::uint64_t>(kind) + 1);
    x = (x ^ (x >> 30)) * 0xBF58'476D'1CE4'E5B9;
    x = (x ^ (x >> 27)) * 0x94D0'49BB'1331'11EB;
    return x ^ (x >> 31);
}

}  // namespace

bool problem_sink::fail(std::size_t position, std::size_t length,
                        std::initializer_list<std::string_view> message) const {
    if (out_ == nullptr) return false;
    out_->message.clear();
    for (const auto part : message) out_->message += part;
    out_->position = position;
    out_->length = length;
    return false;
}

int field_parser::low() const {
    if (kind_ == field_kind::weekday && is(cron_dialect::quartz)) return 1;
    return ranges[static_cast<std::size_t>(kind_)].low;
}
int field_parser::high() const { return ranges[static_cast<std::size_t>(kind_)].high; }

// Where `n/step` ends. Sunday comes first, so 7 is not the end of a week but in Spring.
int field_parser::open_end() const {
    const bool week_ends_saturday = is(cron_dialect::holdfast) || is(cron_dialect::vixie);
    return kind_ == field_kind::weekday && week_ends_saturday ? 6 : high();
}

int field_parser::size() const { return kind_ == field_kind::weekday ? 7 : high() - low() + 1; }

unsigned field_parser::bit_of(int number) const {
    if (kind_ != field_kind::weekday) return static_cast<unsigned>(number);
    return static_cast<unsigned>(is(cron_dialect::quartz) ? number - 1 : number % 7);
}

void field_parser::add(int number) {
    if (kind_ != field_kind::year) {
        bits_ |= std::uint64_t{1} << bit_of(number);
        return;
    }
    const auto bit = static_cast<unsigned>(number - low());
    out_.years[bit / 64] |= std::uint64_t{1} << bit % 64;
}

void field_parser::add_range(int from, int to, int step) {
    if (kind_ >= field_kind::weekday) {
        for (; from <= to; from += step) add(from);
    } else if (step == 1) {
        const auto above = ~std::uint64_t{0} << from;
        bits_ |= above & (~std::uint64_t{0} >> (63 - to));
    } else {
        for (; from <= to; from += step) bits_ |= std::uint64_t{1} << from;
    }
}

cron_fields::field& field_parser::field() const {
    switch (kind_) {
        case field_kind::second: return out_.second;
        case field_kind::minute: return out_.minute;
        case field_kind::hour: return out_.hour;
        case field_kind::day: return out_.day;
        case field_kind::month: return out_.month;
        default: return out_.weekday;
    }
}

bool field_parser::fail(std::size_t start, std::initializer_list<std::string_view> message) const {
    const auto end = std::max(at_ < text_.size() ? at_ + 1 : text_.size(), start + 1);
    return problems_.fail(offset_ + start, std::min(end, text_.size()) - start, message);
}

bool field_parser::has_letter(char letter) const {
    if (at_ >= text_.size()) return false;
    // Spring reads names in any case but not L and W in the day of the month.
    const bool exact = is(cron_dialect::spring) && kind_ == field_kind::day;
    return exact ? text_[at_] == letter : upper(text_[at_]) == letter;
}

bool field_parser::take(char c) {
    if (!has(c)) return false;
    ++at_;
    return true;
}

bool field_parser::parse() {
    const bool extended = is(cron_dialect::holdfast) || is(cron_dialect::vixie);
    if (kind_ == field_kind::weekday && extended && take('+')) out_.plus = true;
    const bool star = has('*') || has('?') || (is(cron_dialect::quartz) && has('/'));
    for (bool first = true; first || take(','); first = false) {
        if (item_over())
            return fail(at_,
                        {"an empty item in the ", title_of(kind_), " field; remove the comma"});
        if (alone_) break;
        if (!parse_item()) return false;
    }
    if (alone_ && at_ < text_.size())
        return fail(at_, {"in the quartz dialect L and # stand alone in the day of the week; "
                          "write one expression for each"});
    if (kind_ == field_kind::year) {
        if (any_year_) out_.years = {};
        return true;
    }
    field() = {bits_, star, plain_};
    return true;
}

bool field_parser::parse_item() {
    const auto start = at_;
    if (take('*')) {
        plain_ = false;
        if (kind_ == field_kind::year && item_over()) return any_year_ = true;
        if (kind_ != field_kind::weekday) return parse_step(start, low(), high());
        return is(cron_dialect::spring) ? parse_step(start, 1, 7)
                                        : parse_step(start, low(), open_end());
    }
    if (has('?')) return parse_question_mark();
    if (has('/')) {
        plain_ = false;
        if (is(cron_dialect::quartz)) return parse_step(start, low(), high());
        return fail(start, {"a step with nothing before it; write */n"});
    }
    if (has('H') && is(cron_dialect::holdfast)) return parse_hash(start);
    if (kind_ == field_kind::day && has_letter('L')) return parse_last_day(start);
    if (kind_ == field_kind::weekday && has_letter('L')) return parse_last_weekday_alone(start);
    return parse_value(start);
}

bool field_parser::parse_question_mark() {
    const bool of_days = kind_ == field_kind::day || kind_ == field_kind::weekday;
    if (!of_days && !is(cron_dialect::vixie))
        return fail(at_, {"? in the ", title_of(kind_),
                          " field; it means \"any\" in the two day "
                          "fields only: write *"});
    if (text_.size() > 1) return fail(0, {"? stands alone in its field; write * or a list"});
    ++at_;
    plain_ = false;
    out_.written.question_mark |= of_days;
    add_range(low(), kind_ == field_kind::weekday ? low() + 6 : high(), 1);
    return true;
}

// H, H/n, H(a-b), H(a-b)/n: a number drawn from the job's name, the same on every instance.
bool field_parser::parse_hash(std::size_t start) {
    ++at_;
    if (kind_ == field_kind::year) return fail(start, {"H in the year field; write a year or *"});
    int from = low();
    int to = kind_ == field_kind::day ? 28 : open_end();  // every month has 28 days
    if (take('(')) {
        const auto a = take_number(start);
        if (!a || !take('-')) return a && fail(start, {"H takes a range: H(0-29)"});
        const auto b = take_number(start);
        if (!b || !take(')')) return b && fail(start, {"H( without its ); write H(0-29)"});
        if (*a > *b) return fail(start, {"the range of H ends before it starts"});
        from = *a;
        to = *b;
    }
    const auto hash = mixed(seed_, kind_);
    const auto span = static_cast<std::uint64_t>(to - from + 1);
    if (!has('/')) {
        add(from + static_cast<int>(hash % span));
        return end_of_item(start);
    }
    plain_ = false;
    const auto step = take_step(start);
    if (!step) return false;
    const auto phase = hash % std::min(span, static_cast<std::uint64_t>(*step));
    add_range(from + static_cast<int>(phase), to, *step);
    return end_of_item(start);
}

bool field_parser::parse_value(std::size_t start) {
    const auto from = take_value(start);
    if (!from) return false;
    if (kind_ == field_kind::weekday && !from->name) out_.written.bare_weekday = true;
    if (take('-')) return parse_range(start, *from);
    if (has('/')) {
        plain_ = false;
        if (from->name && is(cron_dialect::quartz))
            return fail(start, {"Quartz ignores a step behind a name; write numbers or a list"});
        return parse_step(start, from->number, std::max(from->number, open_end()));
    }
    return parse_suffix(start, *from);
}

bool field_parser::parse_range(std::size_t start, value from) {
    plain_ = false;
    const auto to = take_value(start);
    if (!to) return false;
    int first = from.number;
    int last = to->number;
    if (kind_ == field_kind::weekday && !is(cron_dialect::quartz)) {
        // Sunday is 0 and 7: it may begin a range and end one.
        if (is(cron_dialect::spring) && first == 7) first = 0;
        const bool ends_on_sunday = to->name || is(cron_dialect::vixie);
        if (last == 0 && first > 0 && ends_on_sunday) last = 7;
    }
    if (first <= last) return parse_step(start, first, last);
    if (!is(cron_dialect::quartz) || kind_ == field_kind::year)
        return fail(start, {"the range ends before it starts; write two, as 22-23,0-2 for 22-2"});
    // Quartz runs on past the end of the field.
    int step = 1;
    if (has('/')) {
        const auto written = take_step(start);
        if (!written) return false;
        step = *written;
    }
    const int around = size();
    for (int n = first; n <= last + around; n += step) add(n > high() ? n - around : n);
    return end_of_item(start);
}

// An optional /n, then the end of the item.
bool field_parser::parse_step(std::size_t start, int from, int to) {
    int step = 1;
    if (has('/')) {
        const auto written = take_step(start);
        if (!written) return false;
        step = *written;
    }
    add_range(from, to, step);
    return end_of_item(start);
}

bool field_parser::end_of_item(std::size_t start) {
    if (item_over()) return true;
    if (has('/')) return fail(start, {"a second step; write one: a-b/n"});
    if (has('-')) return fail(start, {"a range with too many ends; write a-b"});
    return fail(start,
                {"unexpected '", text_.substr(at_, 1), "' in the ", title_of(kind_), " field"});
}

}  // namespace holdfast::cron
