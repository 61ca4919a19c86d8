// Looks into the engine's keyspace.
#include "sim/world/store_view.hpp"

#include <variant>

namespace holdfast::sim {
namespace {

template <class T, class F>
void with_value(store_process& in, std::string_view key, F use) {
    in.engine().look([&](const embedded::keyspace& keys) {
        const auto* found = keys.keys().find(key);
        if (found == nullptr) return;
        const auto& held = found->value;
        const bool expires = held.expires_at_ms != embedded::keyspace::never;
        if (expires && to_unix_ms(in.clock()) > held.expires_at_ms) return;
        if (const auto* value = std::get_if<T>(&held.data)) use(*value, held);
    });
}

}  // namespace

std::optional<stored_text> text_at(store_process& in, std::string_view key) {
    std::optional<stored_text> read;
    with_value<embedded::string_value>(in, key, [&](const auto& text, const auto& held) {
        read.emplace(stored_text{text, std::nullopt});
        if (held.expires_at_ms != embedded::keyspace::never)
            read->left = from_unix_ms(held.expires_at_ms) - in.clock();
    });
    return read;
}

std::optional<std::string> field_at(store_process& in, std::string_view key,
                                    std::string_view field) {
    std::optional<std::string> read;
    with_value<embedded::hash_value>(in, key, [&](const auto& hash, const auto&) {
        if (const auto* found = hash.find(field)) read = found->value;
    });
    return read;
}

std::map<std::string, std::string> fields_at(store_process& in, std::string_view key) {
    std::map<std::string, std::string> read;
    with_value<embedded::hash_value>(in, key, [&](const auto& hash, const auto&) {
        for (const auto& [id, field] : hash) read.emplace(field.key, field.value);
    });
    return read;
}

std::vector<std::pair<std::string, double>> scores_at(store_process& in, std::string_view key) {
    std::vector<std::pair<std::string, double>> read;
    with_value<embedded::sorted_set>(in, key, [&](const auto& set, const auto&) {
        for (const auto& item : set) read.emplace_back(std::string(item.member), item.score);
    });
    return read;
}

std::size_t ranked_at(store_process& in, std::string_view key) {
    std::size_t size = 0;
    with_value<embedded::sorted_set>(in, key,
                                     [&](const auto& set, const auto&) { size = set.size(); });
    return size;
}

std::optional<std::int64_t> end_of_set(store_process& in, std::string_view key) {
    std::optional<std::int64_t> read;
    with_value<embedded::sorted_set>(in, key, [&](const auto&, const auto& held) {
        if (held.expires_at_ms != embedded::keyspace::never) read = held.expires_at_ms;
    });
    return read;
}

std::vector<std::string> members_at(store_process& in, std::string_view key, double score) {
    std::vector<std::string> found;
    with_value<embedded::sorted_set>(in, key, [&](const auto& set, const auto&) {
        const auto end = set.count_below(score, true);
        for (auto rank = set.count_below(score, false); rank < end; ++rank)
            found.emplace_back(set.at(rank)->member);
    });
    return found;
}

}  // namespace holdfast::sim
