// RFC 4231, and that a keyed MAC is as good at its second use as at its first.
#include "token/jws/mac.hpp"

#include "base/encode.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace holdfast {
namespace {

std::string mac_of(const keyed_mac& by, std::string_view data) {
    std::array<unsigned char, 64> out{};
    const auto size = by.compute(data, out);
    return hex_encode(std::as_bytes(std::span(out)).first(size));
}

TEST(keyed_mac, is_that_of_rfc_4231) {
    const std::string short_key = "Jefe", long_key(131, '\xaa');  // longer than any block
    const std::string question = "what do ya want for nothing?";
    const std::string hashed = "Test Using Larger Than Block-Size Key - Hash Key First";
    const struct {
        const char* digest;
        std::string key, data, mac;
    } table[] = {
        {"SHA256", short_key, question,
         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
        {"SHA384", short_key, question,
         "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e"
         "8e2240ca5e69e2c78b3239ecfab21649"},
        {"SHA512", short_key, question,
         "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
         "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"},
        {"SHA256", long_key, hashed,
         "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
        {"SHA384", long_key, hashed,
         "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c6"
         "0c2ef6ab4030fe8296248df163f44952"},
        {"SHA512", long_key, hashed,
         "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
         "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598"},
    };
    for (const auto& row : table) {
        SCOPED_TRACE(row.digest + std::string(" ") + std::to_string(row.key.size()));
        auto made = keyed_mac::make(row.key, row.digest);
        ASSERT_TRUE(made);
        EXPECT_EQ(mac_of(*made, row.data), row.mac);
        EXPECT_NE(mac_of(*made, "another text"), row.mac);
        const keyed_mac moved = std::move(*made);
        EXPECT_EQ(mac_of(moved, row.data), row.mac);
    }
    EXPECT_FALSE(keyed_mac::make("Jefe", "MD5"));
}

}  // namespace
}  // namespace holdfast
