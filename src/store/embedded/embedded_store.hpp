// The store of one runtime over an engine in the same process.
#pragma once

#include "holdfast/store.hpp"
#include "store/embedded/embedded_engine.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace holdfast {

/// Answers at once, in the caller's thread; there is no connection to lose, so the epoch never
/// changes and outcome_unknown does not occur. Other runtimes of the process may share the engine:
/// their pushes arrive through this runtime's executor.
class embedded_store final : public store {
public:
    embedded_store(runtime& rt, std::shared_ptr<embedded::embedded_engine> engine,
                   std::string prefix);
    ~embedded_store() override;
    embedded_store(const embedded_store&) = delete;

    task<result<reply>> run(const script&, script_keys, script_args) override;
    const std::string& process_channel() const noexcept override { return process_channel_; }
    const std::string& fleet_channel() const noexcept override { return fleet_channel_; }
    const std::string& prefix() const noexcept override { return prefix_; }
    push_dispatcher& pushes() noexcept override { return *pushes_; }
    std::uint64_t epoch() const noexcept override { return 1; }
    bool connected() const noexcept override { return !closed_; }
    task<void> close() override;

private:
    std::uint64_t subscribe(const std::string& channel);
    void leave();

    runtime& runtime_;
    std::shared_ptr<embedded::embedded_engine> engine_;
    std::string prefix_;
    std::string process_channel_;
    std::string fleet_channel_;
    std::shared_ptr<push_dispatcher> pushes_ = std::make_shared<push_dispatcher>();
    std::uint64_t process_subscription_ = 0;
    std::uint64_t fleet_subscription_ = 0;
    bool closed_ = false;
};

}  // namespace holdfast
