// Topic routing of pushes inside one process.
#include "holdfast/store.hpp"

#include <algorithm>

namespace holdfast {

push_dispatcher::registration push_dispatcher::listen(std::string topic, handler on_message) {
    const auto id = ++last_id_;
    auto entry = std::make_shared<listener>();
    entry->id = id;
    entry->topic = std::move(topic);
    entry->on_message = std::move(on_message);
    listeners_.push_back(std::move(entry));
    return {*this, id};
}

push_dispatcher::registration push_dispatcher::on_reconnect(reconnect_handler handle) {
    const auto id = ++last_id_;
    auto entry = std::make_shared<listener>();
    entry->id = id;
    entry->on_reconnect = std::move(handle);
    listeners_.push_back(std::move(entry));
    return {*this, id};
}

// Handlers may add and remove listeners, themselves included, so both walks go over a copy and call
// copies of the handlers.
void push_dispatcher::deliver(std::string_view message) {
    const auto space = message.find(' ');
    const auto topic = message.substr(0, space);
    const auto payload = space == message.npos ? std::string_view() : message.substr(space + 1);
    const auto snapshot = listeners_;
    for (const auto& entry : snapshot)
        if (const auto handle = entry->on_message; handle && entry->topic == topic) handle(payload);
}

void push_dispatcher::reconnected() {
    const auto snapshot = listeners_;
    for (const auto& entry : snapshot)
        if (const auto handle = entry->on_reconnect) handle();
}

void push_dispatcher::remove(std::uint64_t id) {
    std::erase_if(listeners_, [id](const auto& entry) {
        if (entry->id != id) return false;
        entry->on_message = nullptr;  // a walk in progress must not call it any more
        entry->on_reconnect = nullptr;
        return true;
    });
}

}  // namespace holdfast
