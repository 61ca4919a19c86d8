// Authorization headers of every shape.
#include "http/bearer.hpp"

#include <gtest/gtest.h>

namespace holdfast::http {
namespace {

using kind = bearer::kind;

bearer read(const std::vector<std::string>& values) {
    header_list headers;
    for (const auto& value : values) headers.add("authorization", value);
    return read_bearer(headers);
}

TEST(bearer, table) {
    const std::string large(64 * 1024, 'a');
    const struct {
        std::vector<std::string> values;
        kind is;
        std::string token;
    } table[] = {
        {{}, kind::missing, ""},
        {{""}, kind::missing, ""},
        {{"B"}, kind::missing, ""},
        {{"Be"}, kind::missing, ""},
        {{"Bea"}, kind::missing, ""},
        {{"Bear"}, kind::missing, ""},
        {{"Beare"}, kind::missing, ""},
        {{"Bearer"}, kind::missing, ""},
        {{"Bearerx"}, kind::missing, ""},
        {{"Basic x"}, kind::missing, ""},
        {{"Basic dXNlcjpwYXNz"}, kind::missing, ""},
        {{"Digest a=b, c=d"}, kind::missing, ""},
        {{"aaa.bbb.ccc"}, kind::missing, ""},
        {{"Bearer  x"}, kind::token, "x"},
        {{"bearer x"}, kind::token, "x"},
        {{"BEARER a.b-c_d~e+f/g=="}, kind::token, "a.b-c_d~e+f/g=="},
        {{"Bearer =="}, kind::malformed, ""},
        {{"Bearer a b"}, kind::malformed, ""},
        {{"Bearer a\tb"}, kind::malformed, ""},
        {{"Bearer\tx"}, kind::missing, ""},
        {{"Bearer a=b"}, kind::malformed, ""},
        {{"Bearer \"x\""}, kind::malformed, ""},
        {{"Bearer \xc3\xa4"}, kind::malformed, ""},
        {{"Bearer a,b"}, kind::ambiguous, ""},
        {{"Bearer a, Bearer b"}, kind::ambiguous, ""},
        {{"Bearer a", "Bearer a"}, kind::ambiguous, ""},
        {{"Bearer a", ""}, kind::ambiguous, ""},
        {{"Basic a", "Bearer a"}, kind::ambiguous, ""},
        {{"", "Bearer a"}, kind::ambiguous, ""},
        {{"Bearer " + large}, kind::token, large},
        {{large}, kind::missing, ""},
    };
    for (const auto& row : table) {
        SCOPED_TRACE(row.values.empty() ? "no header" : row.values[0].substr(0, 40));
        const auto got = read(row.values);
        EXPECT_EQ(got.is, row.is);
        EXPECT_EQ(got.token, row.token);
    }
}

}  // namespace
}  // namespace holdfast::http
