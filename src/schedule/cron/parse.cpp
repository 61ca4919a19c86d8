// A whole expression: prefix, macro or fields, and the rules between fields.
#include "holdfast/cron.hpp"
#include "schedule/cron/civil.hpp"
#include "schedule/cron/cron_parser.hpp"
#include "schedule/cron/field_names.hpp"
#include "schedule/cron/local_search.hpp"

#include "base/duration.hpp"

#include <algorithm>
#include <utility>

namespace holdfast {

using namespace cron;

namespace {

constexpr std::size_t longest_text = 1024;

constexpr bool is_space(char c) noexcept { return c == ' ' || c == '\t'; }

struct macro {
    std::string_view name;
    std::string_view fields;
    bool everywhere;  // spring and vixie know it too
};
constexpr macro macros[] = {
    {"@yearly", "0 0 1 1 *", true},  {"@annually", "0 0 1 1 *", true},
    {"@monthly", "0 0 1 * *", true}, {"@weekly", "0 0 * * SUN", true},
    {"@daily", "0 0 * * *", true},   {"@midnight", "0 0 * * *", true},
    {"@hourly", "0 * * * *", true},  {"@minutely", "* * * * *", false},
};

}  // namespace

result<cron_expression> cron_parser::parse() {
    out_.dialect_ = dialect_;
    if (!parse_all()) return make_error_code(errc::invalid_argument);
    return std::move(out_);
}

bool cron_parser::parse_all() {
    if (text_.size() > longest_text)
        return problems_.fail(longest_text, text_.size() - longest_text,
                              {"longer than 1024 characters; split it into several jobs"});
    trim();
    if (!parse_zone()) return false;
    if (at_ == text_.size())
        return problems_.fail(0, text_.size(), {"empty; write five fields: */10 * * * *"});
    return text_[at_] == '@' ? parse_macro() : parse_fields(text_.substr(at_), at_);
}

void cron_parser::trim() {
    while (!text_.empty() && is_space(text_.back())) text_.remove_suffix(1);
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
}

bool cron_parser::parse_zone() {
    const auto start = at_;
    const auto rest = text_.substr(at_);
    if (!rest.starts_with("TZ=") && !rest.starts_with("CRON_TZ=")) return true;
    if (dialect_ == cron_dialect::spring || dialect_ == cron_dialect::quartz)
        return problems_.fail(start, 3,
                              {"a zone in front of the fields is not in the ", name_of(dialect_),
                               " dialect; give the zone beside the expression"});
    at_ += rest.find('=') + 1;
    const auto name = at_;
    while (at_ < text_.size() && !is_space(text_[at_])) ++at_;
    const auto zone = time_zone::find(text_.substr(name, at_ - name));
    if (!zone)
        return problems_.fail(name, at_ - name,
                              {"unknown time zone; write one of the IANA database: "
                               "TZ=Europe/Berlin"});
    out_.zone_ = *zone;
    trim();
    return true;
}

bool cron_parser::parse_macro() {
    const auto rest = text_.substr(at_);
    const auto word = rest.substr(0, rest.find_first_of(" \t"));
    const bool any_case = dialect_ == cron_dialect::spring;
    for (const auto& m : macros) {
        if (word != m.name && !(any_case && same_word(word, m.name))) continue;
        const bool known = dialect_ == cron_dialect::holdfast ||
                           (m.everywhere && dialect_ != cron_dialect::quartz);
        if (!known || word.size() != rest.size()) break;
        return parse_fields(m.fields, at_, false);
    }
    if (dialect_ == cron_dialect::holdfast) {
        if (word == "@every") return parse_every(rest.substr(word.size()));
        if (word == "@at") return parse_at(rest.substr(word.size()));
        if (rest == "@manually") return give(cron_expression::form::manual);
    }
    if (rest == "@reboot" &&
        (dialect_ == cron_dialect::holdfast || dialect_ == cron_dialect::vixie))
        return give(cron_expression::form::reboot);
    return problems_.fail(
        at_, rest.size(),
        {"unknown macro in the ", name_of(dialect_), " dialect; ",
         dialect_ == cron_dialect::quartz ? "it has none: write the fields"
                                          : "write @hourly, @daily, @weekly, @monthly or @yearly"});
}

bool cron_parser::give(cron_expression::form form) {
    out_.form_ = form;
    out_.never_ = form == cron_expression::form::manual || form == cron_expression::form::reboot;
    return true;
}

bool cron_parser::parse_every(std::string_view span) {
    while (!span.empty() && is_space(span.front())) span.remove_prefix(1);
    const auto period = parse_duration(span);
    const auto whole = period ? std::chrono::floor<seconds>(*period) : seconds{0};
    if (!period || whole.count() < 1 || whole != *period)
        return problems_.fail(text_.size() - span.size(), span.size(),
                              {"@every takes a span of whole seconds: @every 90s, @every 1h30m"});
    out_.number_ = whole.count();
    return give(cron_expression::form::every);
}

bool cron_parser::parse_at(std::string_view instant) {
    while (!instant.empty() && is_space(instant.front())) instant.remove_prefix(1);
    const auto at = parse_instant(instant, out_.zone_.value_or(time_zone::utc()));
    if (!at)
        return problems_.fail(text_.size() - instant.size(), instant.size(),
                              {"@at takes an instant: @at 2026-11-22T02:30:00+08:00"});
    out_.number_ = to_unix_seconds(*at);
    return give(cron_expression::form::at);
}

bool cron_parser::check_count(std::size_t count) const {
    const auto whole = text_.size() - at_;
    const auto refuse = [&](std::string_view wanted) {
        return problems_.fail(at_, whole, {std::to_string(count), " fields; ", wanted});
    };
    switch (dialect_) {
        case cron_dialect::holdfast:
            return (count >= 5 && count <= 7) ||
                   refuse(
                       "write 5 (minute hour day month weekday), 6 (second first) or 7 (year "
                       "last)");
        case cron_dialect::spring:
            return count == 6 || refuse(
                                     "the spring dialect has 6: second minute hour day month "
                                     "weekday");
        case cron_dialect::quartz:
            return count == 6 || count == 7 ||
                   refuse(
                       "the quartz dialect has 6 or 7: second minute hour day month weekday "
                       "[year]");
        case cron_dialect::vixie:
            return count == 5 || refuse("the vixie dialect has 5: minute hour day month weekday");
    }
    return false;
}

bool cron_parser::parse_fields(std::string_view text, std::size_t offset, bool checked) {
    std::array<std::pair<std::size_t, std::size_t>, 7> parts{};  // where each begins and ends
    std::size_t count = 0;
    for (std::size_t at = 0; at < text.size(); ++count) {
        const auto begin = at;
        while (at < text.size() && !is_space(text[at])) ++at;
        if (count < parts.size()) parts[count] = {begin, at};
        while (at < text.size() && is_space(text[at])) ++at;
    }
    if (checked && !check_count(count)) return false;
    auto& f = out_.fields_;
    f.count = static_cast<std::uint8_t>(count);
    auto kind = count == 5 ? field_kind::minute : field_kind::second;
    if (count == 5) f.second = {1, false, true};
    for (std::size_t i = 0; i < count; ++i) {
        const auto [begin, end] = parts[i];
        field_parser field(kind, text.substr(begin, end - begin), offset + (checked ? begin : 0),
                           dialect_, seed_, f, problems_);
        if (!field.parse()) return false;
        kind = static_cast<field_kind>(static_cast<int>(kind) + 1);
    }
    if (dialect_ == cron_dialect::spring) f.count = 6;  // also what a macro stands for
    if (dialect_ == cron_dialect::quartz && !check_quartz_days(text)) return false;
    decide();
    return true;
}

bool cron_parser::check_quartz_days(std::string_view text) const {
    const auto& f = out_.fields_;
    constexpr std::uint64_t all_weekdays = 0x7F;
    const auto marks = std::count(text.begin(), text.end(), '?');
    if (marks == 1) return true;
    const bool weekday_free = f.weekday.bits == all_weekdays && f.weekday.star;
    return problems_.fail(
        at_, text.size(),
        {"the quartz dialect wants ? in exactly one day field; write ",
         marks > 1 || weekday_free ? "* in the other" : "? for the one that does not matter"});
}

// What follows from all fields together: how the day fields combine, and clock changes.
void cron_parser::decide() {
    auto& f = out_.fields_;
    f.either_day = f.count == 5 && !f.plus && !f.day.star && !f.weekday.star;
    bool fixed = false;
    if (dialect_ == cron_dialect::holdfast)
        fixed = f.second.plain && f.minute.plain && f.hour.plain;
    else if (dialect_ == cron_dialect::vixie)
        fixed = !f.minute.star && !f.hour.star;
    f.gap = fixed ? cron_fields::gap_rule::run_after : cron_fields::gap_rule::skip;
    f.overlap = fixed ? cron_fields::overlap_rule::first : cron_fields::overlap_rule::both;
    if (dialect_ == cron_dialect::quartz) f.overlap = cron_fields::overlap_rule::second;
    out_.never_ = !has_dates(f, dialect_ == cron_dialect::spring);
}

result<cron_expression> cron_expression::parse(std::string_view text, cron_dialect dialect,
                                               std::uint64_t hash_seed, cron_problem* why) {
    return cron_parser(text, dialect, hash_seed, why).parse();
}

}  // namespace holdfast
