// Every boundary of the table of RFC 3629.
#include "base/utf8.hpp"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

TEST(utf8, table) {
    const struct {
        std::string_view text;
        std::size_t first;
        bool whole;
    } table[] = {
        {"", 0, true},
        {"a", 1, true},
        {"\x7f", 1, true},
        {"\xc2\x80", 2, true},
        {"\xdf\xbf", 2, true},
        {"\xe0\xa0\x80", 3, true},
        {"\xed\x9f\xbf", 3, true},
        {"\xee\x80\x80", 3, true},
        {"\xf0\x90\x80\x80", 4, true},
        {"\xf4\x8f\xbf\xbf", 4, true},
        {"\xc3\xa4z", 2, true},
        {"a\xff", 1, false},
        {"\x80", 0, false},
        {"\xc0\x80", 0, false},
        {"\xc1\xbf", 0, false},
        {"\xc3", 0, false},
        {"\xc3z", 0, false},
        {"\xe0\x9f\xbf", 0, false},
        {"\xed\xa0\x80", 0, false},
        {"\xe2\x82", 0, false},
        {"\xe2\x82z", 0, false},
        {"\xf0\x8f\xbf\xbf", 0, false},
        {"\xf4\x90\x80\x80", 0, false},
        {"\xf5\x80\x80\x80", 0, false},
        {"\xff", 0, false},
    };
    for (const auto& row : table) {
        EXPECT_EQ(utf8_sequence(row.text), row.first) << row.text;
        EXPECT_EQ(is_utf8(row.text), row.whole) << row.text;
    }
}

}  // namespace
}  // namespace holdfast
