// Error lines of real servers and what they mean.
#include "store/redis/error_reply.hpp"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

struct line {
    const char* text;
    errc means;
};

TEST(redis_error, means_what_the_code_says) {
    const line lines[] = {
        {"LOADING Redis is loading the dataset in memory", errc::store_loading},
        {"BUSY Redis is busy running a script.", errc::store_unavailable},
        {"MISCONF Redis is configured to save RDB snapshots", errc::store_unavailable},
        {"READONLY You can't write against a read only replica. script: 0f, on @user_script:1.",
         errc::not_leader},
        {"ERR Error running script (call to f_0a): @user_script:1: @user_script: 1: -READONLY You "
         "can't write against a read only replica.",
         errc::not_leader},
        {"ERR Error running script (call to f_0a): @user_script:1: WRONGTYPE Operation against a "
         "key",
         errc::wrong_type},
        {"ERR Error running script (call to f_0a): @user_script:9: @user_script: 9: -OOM command "
         "not",
         errc::out_of_memory},
        {"ERR Error running script (call to f_0a): @user_script:1: @user_script: 1: Unknown Redis "
         "command called from script",
         errc::script_error},
        {"MASTERDOWN Link with MASTER is down", errc::not_leader},
        {"NOREPLICAS Not enough good replicas to write.", errc::not_leader},
        {"MOVED 3999 127.0.0.1:6381", errc::not_leader},
        {"OOM command not allowed when used memory > 'maxmemory'.", errc::out_of_memory},
        {"NOPERM this user has no permissions to run the 'evalsha' command",
         errc::permission_denied},
        {"NOAUTH Authentication required.", errc::permission_denied},
        {"WRONGPASS invalid username-password pair or user is disabled.", errc::permission_denied},
        {"ERR The user executing the script can't run this command or subcommand script: 0a, on "
         "@user_script:1.",
         errc::permission_denied},
        {"WRONGTYPE Operation against a key holding the wrong kind of value script: 0a",
         errc::wrong_type},
        {"ERR user_script:1: boom script: 0a, on @user_script:1.", errc::script_error},
        {"ERR Error running script (call to f_0a): @user_script:1: OOMPH", errc::script_error},
        {"ERR Error running script (call to f_0a): @user_script: 1: Script killed by user with "
         "SCRIPT KILL...",
         errc::store_unavailable},
        {"", errc::script_error},
        {"@user_script", errc::script_error},
        {"@user_script:", errc::script_error},
        {"@user_script: ", errc::script_error},
    };
    for (const auto& each : lines) EXPECT_EQ(classify_error(each.text), each.means) << each.text;
}

}  // namespace
}  // namespace holdfast
