// The functions a script finds in `redis` and the replaced ones of the standard library.
#pragma once

struct lua_State;

namespace holdfast::embedded {

class script_engine;

/// C functions of the sandbox; each carries its engine with it.
struct lua_functions {
    /// For hooks, which carry nothing: through the registry.
    static void bind(lua_State* L, script_engine& engine);
    static script_engine& bound_to(lua_State* L);

    static void push(lua_State* L, script_engine& engine, int (*function)(lua_State*));
    /// Pushes the table `redis`.
    static void push_redis(lua_State* L, script_engine& engine);
    static int random(lua_State* L);
    static int seed(lua_State* L);
    static int format(lua_State* L);
    static int max(lua_State* L);
    static int min(lua_State* L);

    static int call(lua_State* L);
    static int pcall(lua_State* L);
    static int error_reply(lua_State* L);
    static int status_reply(lua_State* L);
    static int sha1hex(lua_State* L);
    static int log(lua_State* L);
    static int set_resp(lua_State* L);

private:
    static script_engine& engine_of(lua_State* L);
    static bool run_command(lua_State* L);
};

}  // namespace holdfast::embedded
