// The table of commands, and how one is run.
#pragma once

#include "store/embedded/answer.hpp"
#include "store/embedded/keyspace.hpp"
#include "store/embedded/subscribers.hpp"

#include <span>
#include <string_view>

namespace holdfast::embedded {

/// What a command works on.
struct context {
    keyspace& keys;
    outbox& out;
    /// Write commands are refused: the journal cannot be written.
    bool read_only = false;
    /// Commands that may need memory are refused, until the script has begun to write: Redis
    /// stops no script half way for this.
    bool out_of_memory = false;
    bool wrote = false;
};

/// One command: its arguments start with its name. Arity counts the name; negative means "at
/// least".
struct command {
    enum flags : unsigned { read = 0, write = 1, needs_memory = 2 };

    std::string_view name;
    int arity;
    unsigned flags;
    answer (*run)(context&, arguments);
};

/// The commands of each family.
std::span<const command> string_commands();
std::span<const command> counter_commands();
std::span<const command> key_commands();
std::span<const command> expiry_commands();
std::span<const command> hash_commands();
std::span<const command> list_commands();
std::span<const command> set_commands();
std::span<const command> zset_commands();
std::span<const command> zset_range_commands();
std::span<const command> stream_commands();
std::span<const command> stream_trim_commands();
std::span<const command> server_commands();

/// Runs one command as a script would: refusals and failures are error answers, in Redis's words.
/// What it changed is recorded in the keyspace's effects.
answer execute(context&, arguments);

}  // namespace holdfast::embedded
