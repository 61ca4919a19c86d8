// The offsets of one zone, found in constant time and shared by all threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace holdfast {

/// A stretch of time in which a zone's offset does not change: [start, end) in Unix seconds.
struct zone_segment {
    std::int64_t start;
    std::int64_t end;
    std::int32_t offset;  ///< local minus UTC, seconds
    std::int32_t before;  ///< the offset of the segment before; equal to `offset` when first
    std::int32_t after;   ///< the offset of the segment after; equal to `offset` when last
};

/// Immutable once built.
class zone_table {
public:
    /// A change of offset, in rising order of `at`.
    struct change {
        std::int64_t at;
        std::int32_t offset;
    };

    zone_table(std::string name, std::int32_t first_offset, const std::vector<change>& changes);

    const std::string& name() const noexcept { return name_; }

    /// Which segment contains that instant.
    std::size_t index_at(std::int64_t unix_seconds) const noexcept {
        const auto since = unix_seconds - segments_.front().end;
        if (since < 0) return 0;
        const auto slot = static_cast<std::uint64_t>(since) >> slot_bits;
        std::size_t i = slot < slots_.size() ? slots_[slot] : segments_.size() - 1;
        while (segments_[i].end <= unix_seconds) ++i;
        return i;
    }
    const zone_segment& operator[](std::size_t i) const noexcept { return segments_[i]; }
    std::size_t size() const noexcept { return segments_.size(); }

    /// Whether the table ends although the changes go on for ever (daylight saving by rule). Then
    /// what happens at t >= horizon() is what happened 400 years earlier.
    bool repeats() const noexcept { return repeats_; }
    std::int64_t horizon() const noexcept { return segments_.back().start; }

private:
    static constexpr unsigned slot_bits = 23;  // 97 days: mostly no or one change within

    std::string name_;
    std::vector<zone_segment> segments_;
    std::vector<std::uint16_t> slots_;  // slot -> the segment its first second lies in
    bool repeats_ = false;
};

}  // namespace holdfast
