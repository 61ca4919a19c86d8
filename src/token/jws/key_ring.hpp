// The keys of one guard: one that signs, and all that verify, by key id.
#pragma once

#include "token/jws/key.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace holdfast {

/// What a key is for now. A key goes next → current → retired: published before its first
/// signature, kept until the last token it signed has expired.
enum class key_role { current, next, retired };

struct ring_key {
    std::shared_ptr<const jws_key> key;
    key_role role;
    /// Filled by the ring: the header segment of every plain token this key signs. A token that
    /// starts with it names its key without its header being read.
    std::string header = {};
};

/// Immutable: readers on any thread share one, a reload makes another.
class key_ring {
public:
    static constexpr std::size_t most_keys = 16;

    /// Takes keys in the order they are tried for tokens without a kid.
    /// errc::invalid_configuration: none or too many keys, more than one current, a current one
    /// that cannot sign, two keys with one kid.
    static result<key_ring> make(std::vector<ring_key> keys);
    /// One key, which signs if it can.
    static key_ring of(jws_key key);

    /// The key that signs; null for a ring that only verifies.
    const jws_key* current() const noexcept { return current_; }
    /// The key with this id, for re-signing what another node signed; null when it is unknown.
    const jws_key* find(std::string_view kid) const noexcept;
    const std::vector<ring_key>& keys() const noexcept { return keys_; }

    /// A JWK Set (RFC 7517 section 5) of the public keys. Symmetric keys never appear in it.
    std::string jwks() const;

private:
    explicit key_ring(std::vector<ring_key> keys);
    std::vector<ring_key> keys_;
    const jws_key* current_ = nullptr;
};

using key_ring_ptr = std::shared_ptr<const key_ring>;

/// The ring in force. Any thread may replace it at any time (SIGHUP); readers keep the one they
/// have until they ask again.
class key_ring_source {
public:
    explicit key_ring_source(key_ring_ptr first) : ring_(std::move(first)) {}
    void replace(key_ring_ptr next);
    key_ring_ptr load() const;
    std::uint64_t version() const noexcept { return version_.load(std::memory_order_acquire); }

private:
    mutable std::mutex mutex_;
    key_ring_ptr ring_;
    std::atomic<std::uint64_t> version_{1};
};

/// One thread's view of a source: takes its lock only after a replacement. The source must outlive
/// it.
class key_ring_reader {
public:
    explicit key_ring_reader(const key_ring_source& source) : source_(&source) {}
    const key_ring_ptr& get() {
        if (const auto version = source_->version(); version != seen_) {
            ring_ = source_->load();
            seen_ = version;
        }
        return ring_;
    }

private:
    const key_ring_source* source_;
    std::uint64_t seen_ = 0;
    key_ring_ptr ring_;
};

}  // namespace holdfast
