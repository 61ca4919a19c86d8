// The highest fence this process has seen for each lock, so that a rolled-back counter is noticed.
#pragma once

#include "holdfast/ids.hpp"

#include <cstdint>
#include <list>
#include <string>
#include <unordered_map>

namespace holdfast {

/// Bounded: the locks used least recently are forgotten, and their counter is raised when they are
/// used again.
class fence_floors {
public:
    explicit fence_floors(std::size_t capacity) : capacity_(capacity) {}

    struct floor {
        fencing_token highest;  ///< zero when nothing is known
        bool raise = true;      ///< the counter has not been raised in this epoch of the store
    };
    floor of(const lock_name& name, std::uint64_t epoch) const;

    /// A grant carried this fence; the request was sent in `epoch`.
    void learn(const lock_name& name, std::uint64_t epoch, fencing_token fence);
    /// The counter turned out to be below `highest`: raise it next time.
    void distrust(const lock_name& name);

    std::size_t size() const noexcept { return entries_.size(); }

private:
    struct entry {
        std::string name;
        fencing_token highest;
        std::uint64_t epoch;
        bool trusted;
    };
    std::size_t capacity_;
    std::list<entry> entries_;  // least recently used last
    std::unordered_map<std::string_view, std::list<entry>::iterator> by_name_;
};

}  // namespace holdfast
