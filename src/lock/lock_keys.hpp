// The names of the keys that belong to a lock, all in the lock's own hash slot.
#pragma once

#include "holdfast/ids.hpp"
#include "holdfast/store.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace holdfast {

/// KEYS 1 lock, 2 queue "<prefix>q:{tag}:name", 3 fence counter "<prefix>f:…", 4 side key
/// "<prefix>m:…".
script_keys all_keys_of(const lock_name& name, std::string_view prefix);

/// For locks with several holders: KEYS 1 lock, 2 queue "<prefix>s:…", 3 fence counter, 4 holders
/// "<prefix>g:…".
script_keys shared_keys_of(const lock_name& name, std::string_view prefix);

/// All that tell what the name is: those of all_keys_of, 5 queue for shares "<prefix>s:…",
/// 6 holders, 7 capacity "<prefix>c:…", 8 what a leader said "<prefix>v:…".
script_keys every_key_of(const lock_name& name, std::string_view prefix);

/// "<prefix><kind>:{tag}:name".
std::string side_key_of(const lock_name& name, std::string_view prefix, char kind);

/// The list of its past owners, "<prefix>h:…".
std::string history_key_of(const lock_name& name, std::string_view prefix);

/// Whether a lock of this name would live in another lock's side keys.
bool is_side_key(const lock_name& name, std::string_view prefix);

/// A SCAN pattern for what tells of holders and of waiters: side keys, queues, holders of shares.
std::string side_key_pattern(std::string_view prefix);

/// The lock that such a key belongs to; nothing for other keys.
std::optional<lock_name> lock_of_side_key(std::string_view key, std::string_view prefix);

}  // namespace holdfast
