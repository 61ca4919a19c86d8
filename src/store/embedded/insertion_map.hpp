// A dictionary that remembers the order of insertion, so that nothing a script sees depends on
// hashing.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace holdfast::embedded {

/// Keys in the order in which they were first put; each has a rising id that a cursor can resume
/// from even when entries come and go between two calls. Copies are deep.
template <class V>
class insertion_map {
public:
    struct entry {
        std::string key;
        V value;
    };
    using ordered = std::map<std::uint64_t, entry>;
    using iterator = typename ordered::iterator;
    using const_iterator = typename ordered::const_iterator;

    insertion_map() = default;
    insertion_map(const insertion_map& other) : ordered_(other.ordered_), last_id_(other.last_id_) {
        rebuild_index();
    }
    insertion_map(insertion_map&& other) noexcept { swap(other); }
    insertion_map& operator=(insertion_map other) noexcept {
        swap(other);
        return *this;
    }
    ~insertion_map() = default;

    iterator begin() noexcept { return ordered_.begin(); }
    iterator end() noexcept { return ordered_.end(); }
    const_iterator begin() const noexcept { return ordered_.begin(); }
    const_iterator end() const noexcept { return ordered_.end(); }
    std::size_t size() const noexcept { return ordered_.size(); }
    bool empty() const noexcept { return ordered_.empty(); }

    entry* find(std::string_view key) {
        const auto found = index_.find(key);
        return found == index_.end() ? nullptr : &found->second->second;
    }
    const entry* find(std::string_view key) const {
        const auto found = index_.find(key);
        return found == index_.end() ? nullptr : &found->second->second;
    }

    /// The entry of the key, made with the value if it was absent; whether it was made.
    std::pair<entry*, bool> put(std::string_view key, V value) {
        if (auto* present = find(key)) return {present, false};
        const auto place = ordered_.emplace_hint(ordered_.end(), ++last_id_,
                                                 entry{std::string(key), std::move(value)});
        index_.emplace(std::string_view(place->second.key), place);
        return {&place->second, true};
    }

    bool erase(std::string_view key) {
        const auto found = index_.find(key);
        if (found == index_.end()) return false;
        const auto place = found->second;
        index_.erase(found);
        ordered_.erase(place);
        return true;
    }

    void clear() noexcept {
        index_.clear();
        ordered_.clear();
    }

    /// The first entry put after the one with this id.
    const_iterator after(std::uint64_t id) const { return ordered_.upper_bound(id); }

private:
    void swap(insertion_map& other) noexcept {
        ordered_.swap(other.ordered_);
        index_.swap(other.index_);
        std::swap(last_id_, other.last_id_);
    }
    void rebuild_index() {
        index_.reserve(ordered_.size());
        for (auto i = ordered_.begin(); i != ordered_.end(); ++i)
            index_.emplace(std::string_view(i->second.key), i);
    }

    ordered ordered_;
    std::unordered_map<std::string_view, iterator> index_;  // views into ordered_
    std::uint64_t last_id_ = 0;
};

}  // namespace holdfast::embedded
