// The two indexes of a sorted set, kept in step.
#include "store/embedded/sorted_set.hpp"

namespace holdfast::embedded {

sorted_set::sorted_set(const sorted_set& other) : scores_(other.scores_) {
    for (const auto& [member, score] : scores_) order_.insert(item{score, member});
}

std::optional<double> sorted_set::score(std::string_view member) const {
    const auto found = scores_.find(member);
    if (found == scores_.end()) return std::nullopt;
    return found->second;
}

void sorted_set::put(std::string_view member, double score) {
    score += 0.0;  // one zero only: -0 becomes 0
    auto found = scores_.find(member);
    if (found == scores_.end()) {
        found = scores_.emplace(std::string(member), score).first;
    } else {
        order_.erase(item{found->second, found->first});
        found->second = score;
    }
    order_.insert(item{score, found->first});
}

bool sorted_set::erase(std::string_view member) {
    const auto found = scores_.find(member);
    if (found == scores_.end()) return false;
    order_.erase(item{found->second, found->first});
    scores_.erase(found);
    return true;
}

std::size_t sorted_set::rank(std::string_view member) const {
    const auto found = scores_.find(member);
    return order_.order_of_key(item{found->second, found->first});
}

std::size_t sorted_set::count_below(double score, bool inclusive) const {
    // The empty string sorts before every member but itself, so it stands for "start of the score".
    const auto start = order_.order_of_key(item{score, {}});
    if (!inclusive) return start;
    std::size_t low = start;
    std::size_t high = order_.size();
    while (low < high) {
        const auto middle = low + (high - low) / 2;
        if (order_.find_by_order(middle)->score <= score)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

}  // namespace holdfast::embedded
