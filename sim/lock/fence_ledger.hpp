// The fences of one lock: granted ever higher, and compared by what the lock protects.
#pragma once

#include "sim/referee.hpp"
#include "sim/world/store_process.hpp"

#include <cstdint>
#include <string>

namespace holdfast::sim {

class fence_ledger {
public:
    fence_ledger(std::string lock, store_process& server, referee& to)
        : name_(std::move(lock)), server_(server), judge_(to) {}

    /// The store has just granted with this fence. Only after a loss of data, and with a clock that
    /// is behind what it showed before, may it be lower than an earlier one.
    void granted(std::uint64_t fence);
    /// A holder from before a loss is in the store again under no higher fence: revived by a clock
    /// that went back, or let in anew with a clock that is behind. Nobody can tell which.
    void back_again();
    /// Somebody writes to what the lock protects. False: refused.
    bool write(std::uint64_t fence, const std::string& owner);

private:
    bool may_restart() const;
    void restart();

    std::string name_;
    store_process& server_;
    referee& judge_;
    std::uint64_t highest_ = 0;
    std::uint64_t void_below_ = 0;  // fences up to here were issued again, and excusably so
    std::uint64_t losses_ = 0;
    std::uint64_t written_ = 0;  // of the newest accepted write
    std::string written_by_;
};

}  // namespace holdfast::sim
