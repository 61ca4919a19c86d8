// Which texts are guard names, user ids, accounts, session ids and addresses.
#include "token/names.hpp"
#include "token/auth_service.hpp"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

using std::string;

template <class T>
void expect_accepted(std::initializer_list<string> texts) {
    for (const auto& text : texts) EXPECT_TRUE(T::parse(text).has_value()) << text;
}

template <class T>
void expect_refused(std::initializer_list<string> texts) {
    for (const auto& text : texts)
        EXPECT_EQ(T::parse(text).error(), errc::invalid_argument) << text;
}

TEST(token_names, guard_name_is_a_word) {
    expect_accepted<guard_name>({"app", "admin-2", "A_b", string(64, 'g')});
    expect_refused<guard_name>({"", "a b", "a:b", "{app}", "\xc3\xa9", string(65, 'g')});
}

TEST(token_names, user_id_is_visible_ascii_without_braces) {
    expect_accepted<user_id>({"1", "user@example", "a:b/c", string(128, 'u')});
    expect_refused<user_id>({"", " 1", "1\n", "a{b", "a}b", "\xc3\xa9", string(129, 'u')});
}

TEST(token_names, account_name_is_utf8_without_control_characters) {
    expect_accepted<account_name>({"13800000000", "j\xc3\xa9r\xc3\xb4me", "a b", string(64, 'a')});
    expect_refused<account_name>({"", " a", "a ", "a\tb", string("a\0b", 3), "\x7f", "\xff",
                                  "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82",
                                  string(65, 'a')});
}

TEST(token_names, session_id_is_32_hexadecimal_digits) {
    expect_accepted<session_id>({"0123456789abcdef0123456789abcdef"});
    expect_refused<session_id>({"", "0123456789ABCDEF0123456789abcdef", string(31, 'a'),
                                string(33, 'a'), string(32, 'g')});
}

TEST(token_names, client_address_is_short_and_visible) {
    expect_accepted<client_address>({"127.0.0.1", "2001:db8::1", "unix"});
    expect_refused<client_address>({"", "1 2", "a{b}", string(65, '1')});
}

}  // namespace
}  // namespace holdfast
