#include "base/encode.hpp"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

TEST(encode, base64url_round_trips_every_length) {
    std::string bytes;
    for (int i = 0; i < 300; ++i) {
        const auto text = base64url_encode(bytes);
        ASSERT_EQ(base64url_decode(text), bytes) << text;
        bytes += static_cast<char>(i * 37);
    }
}

TEST(encode, base64url_accepts_one_spelling_only) {
    EXPECT_EQ(base64url_decode("QQ"), "A");
    for (const auto* other :
         {"QR", "QS", "QT", "Qf", "QQ=", "QQ==", "Q", "Q+", "Q/", "Q Q", "QQ\n", "QQQQQ"})
        EXPECT_FALSE(base64url_decode(other)) << other;
}

TEST(encode, hex_is_lower_case_and_even) {
    EXPECT_EQ(hex_decode("00ff10"), std::string("\x00\xff\x10", 3));
    for (const auto* bad : {"0", "0g", "FF", " 00"}) EXPECT_FALSE(hex_decode(bad)) << bad;
}

}  // namespace
}  // namespace holdfast
