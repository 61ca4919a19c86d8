// Where the dialects disagree: each preset answers as its original does.
#include "holdfast/cron.hpp"
#include "schedule/cron/tsv.hpp"

#include <gtest/gtest.h>

namespace holdfast::test {
namespace {

enum column { topic, zone, base, five_fields, six_fields, spring, quartz, vixie, croner };

// The fire times, or "rejected", in the notation of the file.
std::string answer(const std::string& text, cron_dialect dialect,
                   const std::vector<std::string>& row, std::size_t count) {
    const auto e = cron_expression::parse(text, dialect);
    if (!e) return "rejected";
    const auto in = time_zone::find(row[zone]).value();
    auto at = parse_instant(row[base]).value();
    std::string all;
    for (; count != 0; --count) {
        const auto next = e->next_after(at, in);
        if (!next) return all.empty() ? "none" : all;
        all += (all.empty() ? "" : ",") + in.format(*next);
        at = *next;
    }
    return all;
}

// Quartz wants ? in one day field; the originals were asked with one.
std::string with_question_mark(std::string text) {
    auto fields = split(text, ' ');
    if (fields.size() != 6) return text;
    if (fields[5] == "*")
        fields[5] = "?";
    else if (fields[3] == "*")
        fields[3] = "?";
    text.clear();
    for (const auto& field : fields) text += (text.empty() ? "" : " ") + field;
    return text;
}

void expect_answer(const std::vector<std::string>& row, const std::string& text,
                   cron_dialect dialect, std::string expected) {
    if (const auto remark = expected.find(" ("); remark != expected.npos) expected.resize(remark);
    SCOPED_TRACE(row[topic] + " | " + text + " | " + std::string(name_of(dialect)));
    EXPECT_EQ(answer(text, dialect, row, split(expected, ',').size()), expected);
}

TEST(cron_disputed, every_preset_answers_as_its_original) {
    const auto rows = read_tsv("cron_disputed.tsv");
    ASSERT_GT(rows.size(), 30U);
    for (const auto& row : rows) {
        // Spring returns a time before its base here; no preset of ours does.
        if (row[topic] != "L-30 in short months")
            expect_answer(row, row[six_fields], cron_dialect::spring, row[spring]);
        // Quartz ignores the step; refusing it is what helps.
        if (row[topic] != "name with step")
            expect_answer(row, with_question_mark(row[six_fields]), cron_dialect::quartz,
                          row[quartz]);
        expect_answer(row, row[five_fields], cron_dialect::vixie, row[vixie]);
    }
}

TEST(cron_disputed, the_default_dialect_fires_fixed_times_once_and_intervals_in_real_time) {
    for (const auto& row : read_tsv("cron_disputed.tsv"))
        if (row[topic].starts_with("gap") || row[topic].starts_with("overlap") ||
            row[topic].starts_with("30-minute"))
            expect_answer(row, row[five_fields], cron_dialect::holdfast, row[croner]);
}

}  // namespace
}  // namespace holdfast::test
