// A store whose connection misbehaves: calls that are not sent, not answered, or refused.
#pragma once

#include "holdfast/store.hpp"

#include <deque>
#include <map>
#include <memory>
#include <string>

namespace holdfast::test {

/// Passes everything on to a real store, except the next calls of the scripts it was told about.
class faulty_store final : public store {
public:
    enum class fault {
        lost_request,  ///< not executed, and the caller cannot know
        lost_reply,    ///< executed, and the caller cannot know
        migrating,     ///< refused: some keys of the cluster slot have moved
    };

    explicit faulty_store(std::unique_ptr<store> real) : real_(std::move(real)) {}

    /// The next call of the script ("lock/release") goes wrong like this. Several add up.
    void next(const std::string& script_name, fault how) { due_[script_name].push_back(how); }
    /// As after a reconnect: what was learnt before may not hold of the data that is reached now.
    void face_other_data() { ++passed_epochs_; }
    std::size_t calls_of(const std::string& script_name) const {
        const auto found = calls_.find(script_name);
        return found == calls_.end() ? 0 : found->second;
    }

    task<result<reply>> run(const script& what, script_keys keys, script_args args) override {
        const std::string name(what.name);
        ++calls_[name];
        auto& due = due_[name];
        if (due.empty()) co_return co_await real_->run(what, std::move(keys), std::move(args));
        const auto how = due.front();
        due.pop_front();
        if (how == fault::migrating) co_return errc::slot_migrating;
        if (how == fault::lost_reply)
            (void)co_await real_->run(what, std::move(keys), std::move(args));
        co_return errc::outcome_unknown;
    }

    const std::string& process_channel() const noexcept override {
        return real_->process_channel();
    }
    const std::string& fleet_channel() const noexcept override { return real_->fleet_channel(); }
    const std::string& prefix() const noexcept override { return real_->prefix(); }
    push_dispatcher& pushes() noexcept override { return real_->pushes(); }
    std::uint64_t epoch() const noexcept override { return real_->epoch() + passed_epochs_; }
    bool connected() const noexcept override { return real_->connected(); }
    task<void> close() override { return real_->close(); }

private:
    std::unique_ptr<store> real_;
    std::map<std::string, std::deque<fault>> due_;
    std::map<std::string, std::size_t> calls_;
    std::uint64_t passed_epochs_ = 0;
};

}  // namespace holdfast::test
