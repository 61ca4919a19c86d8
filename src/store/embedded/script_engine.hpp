// Runs Redis scripts on LuaJIT, in the sandbox Redis gives them.
#pragma once

#include "holdfast/store.hpp"
#include "store/embedded/commands.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

struct lua_State;

namespace holdfast::embedded {

/// One Lua state with the scripts it has compiled. Not thread-safe; a script cannot start another.
///
/// The interpreter is used without its JIT compiler: compiled traces do not run the hook that stops
/// a runaway script, and scripts this short gain nothing from them (bench/embedded_bench.cpp).
/// What a script sees is deterministic: no clock but TIME, no entropy (math.random starts from the
/// same seed in every script, as in Redis), no order that depends on an address.
class script_engine {
public:
    struct limits {
        /// Lua instructions of one script; a command counts for `call_cost`. Counted, not timed, so
        /// that a script ends at the same place on every run.
        std::uint64_t instructions = 20'000'000;
        std::size_t memory_bytes = std::size_t{256} << 20;
    };
    static constexpr std::uint64_t call_cost = 50;
    using log_function = std::function<void(int level, std::string_view message)>;

    script_engine();
    explicit script_engine(limits most);
    ~script_engine();
    script_engine(const script_engine&) = delete;

    /// Runs the script. What it returns is converted as Redis converts it; what it raises is an
    /// error answer, and so is a text that does not compile. Commands that ran before an error keep
    /// their effects.
    answer run(const script& what, std::span<const std::string> keys,
               std::span<const std::string> args, context& on);

    /// Receives redis.log().
    void set_log(log_function log) { log_ = std::move(log); }

private:
    friend struct lua_functions;

    void open_sandbox();
    bool push_compiled(const script& what, answer& failure);
    void set_global_list(const char* name, std::span<const std::string> items);
    bool take_arguments(lua_State* L);
    bool spend(std::uint64_t instructions) noexcept;
    double next_random() noexcept;
    void seed_random(std::int32_t seed) noexcept;

    lua_State* lua_;
    limits most_;
    std::uint64_t spent_ = 0;
    context* on_ = nullptr;
    std::vector<std::string_view> arguments_;             // of the command being called
    std::vector<std::array<char, 32>> number_arguments_;  // text of those that were numbers
    std::map<std::string, int, std::less<>> compiled_;    // sha1 to registry reference
    int globals_ = 0;
    int environment_ = 0;
    std::uint64_t random_state_ = 0;
    log_function log_;
};

}  // namespace holdfast::embedded
