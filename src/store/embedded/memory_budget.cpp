// Sizes of nodes, and when to look again.
#include "store/embedded/memory_budget.hpp"

namespace holdfast::embedded {
namespace {

constexpr std::size_t allocation = 16;              // what malloc adds, and rounding
constexpr std::size_t tree_node = 32 + allocation;  // colour and three pointers
constexpr std::size_t hash_node = 32 + allocation;  // next, hash and a share of the buckets
// A byte of effects is at most about so many of memory: short members cost mostly nodes.
constexpr std::size_t bytes_per_effect = 16;

std::size_t heap_of(std::string_view text) {
    constexpr std::size_t in_place = 15;
    return text.size() <= in_place ? 0 : text.size() + 1 + allocation;
}

template <class V>
std::size_t node_of(const typename insertion_map<V>::entry& entry) {
    return tree_node + sizeof(typename insertion_map<V>::ordered::value_type) + hash_node +
           sizeof(std::string_view) + heap_of(entry.key);
}

struct heap_of_value {
    std::size_t operator()(const string_value& text) const { return heap_of(text); }
    std::size_t operator()(const hash_value& hash) const {
        std::size_t bytes = 0;
        for (const auto& [id, e] : hash) bytes += node_of<std::string>(e) + heap_of(e.value);
        return bytes;
    }
    std::size_t operator()(const list_value& list) const {
        std::size_t bytes = 512 + allocation;  // the first block of a deque
        for (const auto& item : list) bytes += sizeof item + heap_of(item);
        return bytes;
    }
    std::size_t operator()(const set_value& set) const {
        std::size_t bytes = 0;
        for (const auto& [id, e] : set) bytes += node_of<std::monostate>(e);
        return bytes;
    }
    std::size_t operator()(const sorted_set& set) const {
        constexpr std::size_t member = tree_node + sizeof(sorted_set::item) + sizeof(std::size_t) +
                                       hash_node + sizeof(std::string) + sizeof(double);
        std::size_t bytes = 0;
        for (const auto& item : set) bytes += member + heap_of(item.member);
        return bytes;
    }
    std::size_t operator()(const stream_value& stream) const {
        std::size_t bytes = 0;
        for (const auto& [id, fields] : stream.entries) {
            bytes += tree_node + sizeof id + sizeof fields + allocation;
            for (const auto& field : fields) bytes += sizeof field + heap_of(field);
        }
        return bytes;
    }
};

}  // namespace

std::size_t memory_of(const keyspace& keys) {
    constexpr std::size_t expiry = tree_node + 24;
    std::size_t bytes = 0;
    for (const auto& [id, e] : keys.keys()) {
        bytes += node_of<keyspace::slot>(e) + std::visit(heap_of_value{}, e.value.data);
        if (e.value.expires_at_ms != keyspace::never) bytes += expiry;
    }
    return bytes;
}

// Below the limit only growth matters; above it, any write may have made room.
bool memory_budget::may_have_changed(const keyspace& keys) const noexcept {
    if (!known_) return true;
    const auto count = keys.keys().size();
    if (measured_ > limit_) return writes_ > count / 8 || count < count_ - count_ / 8;
    return written_ > (limit_ - measured_) / bytes_per_effect;
}

bool memory_budget::full(const keyspace& keys) {
    if (!limited()) return false;
    if (may_have_changed(keys)) {
        measured_ = memory_of(keys);
        count_ = keys.keys().size();
        written_ = writes_ = 0;
        known_ = true;
    }
    return measured_ > limit_;
}

}  // namespace holdfast::embedded
