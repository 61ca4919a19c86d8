// Builds the segments of a zone and the index into them.
#include "schedule/cron/zone_table.hpp"

#include "schedule/cron/civil.hpp"

#include <limits>
#include <utility>

namespace holdfast {

zone_table::zone_table(std::string name, std::int32_t first_offset,
                       const std::vector<change>& changes)
    : name_(std::move(name)) {
    segments_.push_back({std::numeric_limits<std::int64_t>::min(),
                         std::numeric_limits<std::int64_t>::max(), first_offset, first_offset,
                         first_offset});
    for (const auto& next : changes) {
        auto& last = segments_.back();
        if (next.offset == last.offset || next.at <= last.start) continue;
        last.end = next.at;
        last.after = next.offset;
        const auto before = last.offset;
        segments_.push_back(
            {next.at, std::numeric_limits<std::int64_t>::max(), next.offset, before, next.offset});
    }
    // A rule is unrolled for 400 years by the reader of the database; a zone without one ends long
    // before.
    constexpr std::int64_t year_2300 = 10'413'792'000;
    repeats_ = segments_.size() > 1 && segments_.back().start > year_2300;

    const auto first = segments_.front().end;
    if (segments_.size() < 2) return;
    std::size_t i = 0;
    for (auto at = first; at < segments_.back().start; at += std::int64_t{1} << slot_bits) {
        while (segments_[i].end <= at) ++i;
        slots_.push_back(static_cast<std::uint16_t>(i));
    }
}

}  // namespace holdfast
