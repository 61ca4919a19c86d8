// What checkers find, and which interesting branches a run has been through.
#pragma once

#include "sim/world/world.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::sim {

using mark_counts = std::map<std::string, std::uint64_t, std::less<>>;

class referee {
public:
    explicit referee(world& of) : world_(of) {}

    /// A promise was broken. The first finding ends the run.
    void fail(std::string_view promise, const std::string& what);
    bool failed() const noexcept { return !findings_.empty(); }
    const std::vector<std::string>& findings() const noexcept { return findings_; }

    /// A branch that a tame run would not reach.
    void mark(std::string_view name) { ++marks_[std::string(name)]; }
    const mark_counts& marks() const noexcept { return marks_; }

private:
    world& world_;
    std::vector<std::string> findings_;
    mark_counts marks_;
};

}  // namespace holdfast::sim
