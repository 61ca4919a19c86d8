// Publishing inside one process.
#include "store/embedded/subscribers.hpp"

#include <algorithm>

namespace holdfast::embedded {

void subscribers::add(std::uint64_t id, std::string_view channel, listener on_message) {
    channels_[std::string(channel)].emplace_back(id, std::move(on_message));
}

void subscribers::remove(std::uint64_t id) {
    for (auto i = channels_.begin(); i != channels_.end();) {
        std::erase_if(i->second, [id](const auto& one) { return one.first == id; });
        i = i->second.empty() ? channels_.erase(i) : std::next(i);
    }
}

std::size_t subscribers::count(std::string_view channel) const {
    const auto found = channels_.find(channel);
    return found == channels_.end() ? 0 : found->second.size();
}

void subscribers::deliver(std::string_view channel, std::string_view message) const {
    const auto found = channels_.find(channel);
    if (found == channels_.end()) return;
    for (const auto& [id, on_message] : found->second) on_message(message);
}

std::size_t outbox::publish(std::string_view channel, std::string_view message) {
    const auto receivers = to_.count(channel);
    if (receivers > 0) messages_.emplace_back(channel, message);
    return receivers;
}

void outbox::send() {
    for (const auto& [channel, message] : messages_) to_.deliver(channel, message);
    messages_.clear();
}

}  // namespace holdfast::embedded
