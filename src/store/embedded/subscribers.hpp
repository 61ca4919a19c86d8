// Who listens to which channel, inside one process.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace holdfast::embedded {

/// Channels and their listeners. Not thread-safe; the engine's mutex guards it.
class subscribers {
public:
    /// Called on whichever thread ran the script, after the script's effects are safe. Must not
    /// block, throw or run a script.
    using listener = std::function<void(std::string_view message)>;

    void add(std::uint64_t id, std::string_view channel, listener on_message);
    void remove(std::uint64_t id);
    std::size_t count(std::string_view channel) const;
    void deliver(std::string_view channel, std::string_view message) const;

private:
    std::map<std::string, std::vector<std::pair<std::uint64_t, listener>>, std::less<>> channels_;
};

/// Messages of one script. They are counted when published and sent when the script is done.
class outbox {
public:
    explicit outbox(const subscribers& to) : to_(to) {}
    std::size_t publish(std::string_view channel, std::string_view message);
    void send();
    void drop() noexcept { messages_.clear(); }

private:
    const subscribers& to_;
    std::vector<std::pair<std::string, std::string>> messages_;
};

}  // namespace holdfast::embedded
