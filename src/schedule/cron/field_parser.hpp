// One field of an expression: text in, bits out.
#pragma once

#include "holdfast/cron.hpp"

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

namespace holdfast::cron {

/// Where the first problem goes. Costs nothing while there is none, or nobody asks.
class problem_sink {
public:
    explicit problem_sink(cron_problem* out) : out_(out) {}
    /// Notes it, joined from its parts, and returns false.
    bool fail(std::size_t position, std::size_t length,
              std::initializer_list<std::string_view> message) const;

private:
    cron_problem* out_;
};

enum class field_kind : std::uint8_t { second, minute, hour, day, month, weekday, year };

/// Parses one field into `out`. A new one for each field.
class field_parser {
public:
    /// `offset` is where `text` lies in the whole expression, for problems.
    field_parser(field_kind kind, std::string_view text, std::size_t offset, cron_dialect dialect,
                 std::uint64_t hash_seed, cron_fields& out, const problem_sink& problems)
        : kind_(kind),
          text_(text),
          offset_(offset),
          dialect_(dialect),
          seed_(hash_seed),
          out_(out),
          problems_(problems) {}

    bool parse();

private:
    struct value {
        int number;
        bool name;
    };

    bool parse_item();
    bool parse_question_mark();
    bool parse_hash(std::size_t start);
    bool parse_last_day(std::size_t start);
    bool parse_last_weekday_alone(std::size_t start);
    bool parse_value(std::size_t start);
    bool parse_range(std::size_t start, value from);
    bool parse_suffix(std::size_t start, value of);
    bool parse_nth(std::size_t start, value of);
    bool parse_step(std::size_t start, int from, int to);
    bool end_of_item(std::size_t start);

    std::optional<value> take_value(std::size_t start);
    std::optional<value> take_name(std::size_t start);
    std::optional<int> take_number(std::size_t start);
    std::optional<int> take_step(std::size_t start);

    bool is(cron_dialect d) const { return dialect_ == d; }
    bool has(char c) const { return at_ < text_.size() && text_[at_] == c; }
    bool has_letter(char upper) const;
    bool take(char c);
    bool item_over() const { return at_ >= text_.size() || text_[at_] == ','; }
    bool fail(std::size_t start, std::initializer_list<std::string_view> message) const;

    int low() const;
    int high() const;
    int open_end() const;
    int size() const;
    unsigned bit_of(int number) const;
    void add(int number);
    void add_range(int from, int to, int step);
    cron_fields::field& field() const;

    field_kind kind_;
    std::string_view text_;
    std::size_t offset_;
    cron_dialect dialect_;
    std::uint64_t seed_;
    cron_fields& out_;
    const problem_sink& problems_;
    std::size_t at_ = 0;
    std::uint64_t bits_ = 0;
    bool plain_ = true;
    bool any_year_ = false;
    bool alone_ = false;  // quartz: L and # allow no further item
};

}  // namespace holdfast::cron
