// The parser of whole expressions.
#pragma once

#include "holdfast/cron.hpp"
#include "schedule/cron/field_parser.hpp"

namespace holdfast {

/// One use: parse() once. Allocates only for a zone or a problem.
class cron_parser {
public:
    cron_parser(std::string_view text, cron_dialect dialect, std::uint64_t hash_seed,
                cron_problem* why)
        : text_(text), dialect_(dialect), seed_(hash_seed), problems_(why) {}

    result<cron_expression> parse();

private:
    bool parse_all();
    bool parse_zone();
    bool parse_macro();
    bool parse_every(std::string_view span);
    bool parse_at(std::string_view instant);
    bool parse_fields(std::string_view text, std::size_t offset, bool checked = true);
    bool check_count(std::size_t count) const;
    bool check_quartz_days(std::string_view text) const;
    bool give(cron_expression::form form);
    void decide();
    void trim();

    std::string_view text_;
    cron_dialect dialect_;
    std::uint64_t seed_;
    cron::problem_sink problems_;
    cron_expression out_;
    std::size_t at_ = 0;
};

}  // namespace holdfast
