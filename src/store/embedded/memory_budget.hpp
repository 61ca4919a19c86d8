// Whether the keys still fit into a memory limit, without measuring them at every write.
#pragma once

#include "store/embedded/keyspace.hpp"

#include <cstddef>

namespace holdfast::embedded {

/// What the keys take on the heap, estimated from sizes and counts. Walks all of them.
std::size_t memory_of(const keyspace& keys);

/// Between two measurements it assumes the worst of what was written, so the limit is overstepped
/// by little, and a measurement comes the more rarely the more room is left. Not thread-safe.
class memory_budget {
public:
    /// No limit when 0.
    explicit memory_budget(std::size_t limit) : limit_(limit) {}

    bool limited() const noexcept { return limit_ > 0; }
    /// Before each script: whether commands that need memory are to be refused.
    bool full(const keyspace& keys);
    /// A script has changed something, in effects of so many bytes.
    void wrote(std::size_t bytes) noexcept {
        written_ += bytes;
        ++writes_;
    }
    /// The keys were replaced.
    void forget() noexcept { known_ = false; }

private:
    bool may_have_changed(const keyspace& keys) const noexcept;

    std::size_t limit_;
    std::size_t measured_ = 0;
    std::size_t count_ = 0;    // of keys, then
    std::size_t written_ = 0;  // bytes since the last measurement
    std::size_t writes_ = 0;
    bool known_ = false;
};

}  // namespace holdfast::embedded
