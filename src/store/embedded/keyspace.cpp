// Keys and their expiry.
#include "store/embedded/keyspace.hpp"

#include <string>
#include <vector>

namespace holdfast::embedded {

keyspace::keyspace(const keyspace& other)
    : keys_(other.keys_), now_(other.now_), expiry_(other.expiry_) {
    for (const auto& [id, e] : keys_)
        if (e.value.expires_at_ms != never) expiring_.emplace(e.value.expires_at_ms, e.key);
}

keyspace::entry* keyspace::find(std::string_view key) {
    auto* found = keys_.find(key);
    if (found == nullptr || !is_due(found->value)) return found;
    if (expiry_ == expiry::live) {
        if (effects_ != nullptr) effects_->add({"DEL", key});
        forget_expiry(*found);
        keys_.erase(key);
    }
    return nullptr;
}

keyspace::entry& keyspace::put(std::string_view key, value data, bool keep_expiry) {
    auto* found = find(key);
    if (found == nullptr) return *keys_.put(key, slot{std::move(data), never}).first;
    found->value.data = std::move(data);
    if (!keep_expiry) set_expires_at(*found, never);
    return *found;
}

bool keyspace::erase(std::string_view key) {
    const auto* found = find(key);
    if (found == nullptr) return false;
    forget_expiry(*found);
    return keys_.erase(key);
}

void keyspace::clear() {
    expiring_.clear();
    keys_.clear();
}

void keyspace::set_expires_at(entry& of, std::int64_t at_ms) {
    forget_expiry(of);
    of.value.expires_at_ms = at_ms;
    if (at_ms != never) expiring_.emplace(at_ms, of.key);
}

void keyspace::forget_expiry(const entry& of) {
    if (of.value.expires_at_ms != never) expiring_.erase({of.value.expires_at_ms, of.key});
}

void keyspace::expire_due(std::size_t at_most) {
    if (expiry_ != expiry::live) return;
    for (; at_most > 0 && !expiring_.empty(); --at_most) {
        const auto [at, key] = *expiring_.begin();
        if (now_ms() <= at) return;
        if (effects_ != nullptr) effects_->add({"DEL", key});
        const std::string owned(key);
        expiring_.erase(expiring_.begin());
        keys_.erase(owned);
    }
}

void keyspace::shift_expiries(milliseconds by) {
    std::vector<std::string> keys;
    for (const auto& [at, key] : expiring_) keys.emplace_back(key);
    for (const auto& key : keys) {
        auto* found = keys_.find(key);
        const auto at = found->value.expires_at_ms + by.count();
        set_expires_at(*found, at);
        if (effects_ != nullptr) effects_->add({"PEXPIREAT", key, std::to_string(at)});
    }
}

void keyspace::record(arguments command) {
    recorded_ = true;
    if (effects_ != nullptr) effects_->add(command);
}

void keyspace::finish_command(arguments command) {
    if (changed_ && !recorded_ && effects_ != nullptr) effects_->add(command);
    changed_ = false;
    recorded_ = false;
}

}  // namespace holdfast::embedded
