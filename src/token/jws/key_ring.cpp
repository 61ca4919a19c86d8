// Building key rings and swapping them.
#include "token/jws/key_ring.hpp"

#include "base/encode.hpp"
#include "token/jws/jws.hpp"

#include <algorithm>
#include <set>

namespace holdfast {

result<key_ring> key_ring::make(std::vector<ring_key> keys) {
    if (keys.empty() || keys.size() > most_keys) return errc::invalid_configuration;
    std::set<std::string> kids;
    int current = 0;
    for (const auto& [key, role, header] : keys) {
        if (!key->kid().empty() && !kids.insert(key->kid()).second)
            return errc::invalid_configuration;
        if (role != key_role::current) continue;
        if (++current > 1 || !key->can_sign()) return errc::invalid_configuration;
    }
    return key_ring(std::move(keys));
}

key_ring key_ring::of(jws_key key) {
    const auto role = key.can_sign() ? key_role::current : key_role::retired;
    std::vector<ring_key> keys;
    keys.push_back({std::make_shared<const jws_key>(std::move(key)), role});
    return key_ring(std::move(keys));
}

key_ring::key_ring(std::vector<ring_key> keys) : keys_(std::move(keys)) {
    for (auto& entry : keys_) {
        if (entry.role == key_role::current) current_ = entry.key.get();
        // A header without kid means every key of the algorithm: one key only, then.
        const auto rivals = std::ranges::count_if(keys_, [&](const auto& other) {
            return other.key->algorithm() == entry.key->algorithm();
        });
        if (!entry.key->kid().empty() || rivals == 1)
            entry.header = base64url_encode(jws_header(*entry.key, plain_token_type));
    }
}

const jws_key* key_ring::find(std::string_view kid) const noexcept {
    const auto found =
        std::ranges::find_if(keys_, [&](const auto& entry) { return entry.key->kid() == kid; });
    return found == keys_.end() ? nullptr : found->key.get();
}

std::string key_ring::jwks() const {
    std::string document = R"({"keys":[)";
    for (const auto& entry : keys_) {
        if (entry.key->symmetric()) continue;
        if (document.back() != '[') document += ',';
        document += entry.key->public_jwk();
    }
    return document += "]}";
}

void key_ring_source::replace(key_ring_ptr next) {
    const std::lock_guard lock(mutex_);
    ring_ = std::move(next);
    version_.fetch_add(1, std::memory_order_release);
}

key_ring_ptr key_ring_source::load() const {
    const std::lock_guard lock(mutex_);
    return ring_;
}

}  // namespace holdfast
