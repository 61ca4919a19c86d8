// A set ordered by score: lookup by member, by score and by rank.
#pragma once

#include "store/embedded/insertion_map.hpp"

#include <ext/pb_ds/assoc_container.hpp>
#include <ext/pb_ds/tree_policy.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace holdfast::embedded {

/// Members in the order (score, bytes of the member). Everything is O(log n). The tree is
/// libstdc++'s order-statistics tree: std::set cannot tell a rank without walking.
class sorted_set {
public:
    struct item {
        double score;
        std::string_view member;
        friend bool operator<(const item& a, const item& b) noexcept {
            return a.score < b.score || (a.score == b.score && a.member < b.member);
        }
    };
    using tree =
        __gnu_pbds::tree<item, __gnu_pbds::null_type, std::less<item>, __gnu_pbds::rb_tree_tag,
                         __gnu_pbds::tree_order_statistics_node_update>;
    using const_iterator = tree::const_iterator;

    sorted_set() = default;
    sorted_set(const sorted_set& other);
    sorted_set(sorted_set&&) noexcept = default;
    sorted_set& operator=(const sorted_set&) = delete;
    sorted_set& operator=(sorted_set&&) noexcept = default;
    ~sorted_set() = default;

    std::size_t size() const noexcept { return scores_.size(); }
    bool empty() const noexcept { return scores_.empty(); }
    std::optional<double> score(std::string_view member) const;
    /// Adds the member or moves it. The score is not NaN.
    void put(std::string_view member, double score);
    bool erase(std::string_view member);

    /// 0-based position from the lowest score; the member is present.
    std::size_t rank(std::string_view member) const;
    /// The item at a position below size().
    const_iterator at(std::size_t rank) const { return order_.find_by_order(rank); }
    /// How many items have a score below (or, inclusive, at most) this one.
    std::size_t count_below(double score, bool inclusive) const;

    const_iterator begin() const { return order_.begin(); }
    const_iterator end() const { return order_.end(); }

private:
    struct hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view s) const noexcept {
            return std::hash<std::string_view>{}(s);
        }
    };
    std::unordered_map<std::string, double, hash, std::equal_to<>> scores_;
    tree order_;  // views into scores_' keys, which never move
};

}  // namespace holdfast::embedded
