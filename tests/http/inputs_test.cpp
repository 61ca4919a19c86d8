// The plain functions that read what clients send: parameters, Basic, addresses, JSON bodies.
#include "http/characters.hpp"
#include "http/client_address.hpp"
#include "http/credentials_body.hpp"
#include "http/instant.hpp"
#include "http/parameters.hpp"

#include <gtest/gtest.h>

namespace holdfast::http {
namespace {

// They look at many bytes at once: each byte must count the same wherever it stands.
TEST(characters, every_byte_at_every_place) {
    const auto is_jwt_byte = [](unsigned c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '.' || c == '_';
    };
    for (std::size_t size = 1; size <= 40; ++size) {
        for (std::size_t place = 0; place < size; ++place) {
            for (unsigned c = 0; c < 256; ++c) {
                std::string text(size, 'a');
                text[place] = static_cast<char>(c);
                const bool control = c < 0x20 || c == 0x7f;
                const bool in_token68 = is_jwt_byte(c) || c == '~' || c == '+' || c == '/';
                ASSERT_EQ(is_clear(text), !control) << c << " at " << place << " of " << size;
                ASSERT_EQ(is_field_value(text), !control || c == '\t') << c << " at " << place;
                ASSERT_EQ(is_token68(text), in_token68) << c << " at " << place << " of " << size;
            }
        }
    }
}

TEST(parameters, table) {
    using state = parameter::state;
    const struct {
        const char* text;
        state is;
        const char* value;
    } table[] = {
        {"", state::absent, ""},
        {"b=1", state::absent, ""},
        {"aa=1", state::absent, ""},
        {"a", state::present, ""},
        {"a=", state::present, ""},
        {"a=1", state::present, "1"},
        {"b=2&a=1&c=3", state::present, "1"},
        {"a=b=c", state::present, "b=c"},
        {"a=%41%2f%2F+x", state::present, "A// x"},
        {"%61=1", state::present, "1"},
        {"a=1&a=1", state::refused, ""},
        {"a=1&%61=2", state::refused, ""},
        {"a=%4", state::refused, ""},
        {"a=%", state::refused, ""},
        {"a=%zz", state::refused, ""},
        {"%zz=1&a=1", state::present, "1"},
        {"&&a=1&", state::present, "1"},
    };
    for (const auto& [text, is, value] : table) {
        SCOPED_TRACE(text);
        const auto got = find_parameter(text, "a");
        EXPECT_EQ(got.is, is);
        EXPECT_EQ(got.value, value);
    }
}

std::string basic(const std::string& value) {
    header_list headers;
    headers.add("Authorization", value);
    const auto got = read_basic(headers);
    return got ? got->id + "|" + got->secret : "none";
}

TEST(basic_credentials, table) {
    EXPECT_EQ(basic("Basic Z2F0ZTpzM2NyZXQ="), "gate|s3cret");
    EXPECT_EQ(basic("basic  Z2F0ZTpzM2NyZXQ="), "gate|s3cret");
    EXPECT_EQ(basic("Basic OmE="), "|a");
    EXPECT_EQ(basic("Basic YTpiOmM="), "a|b:c");
    EXPECT_EQ(basic("Basic YSUzQWI6Yw=="), "a:b|c") << "percent-encoded as RFC 6749 says";
    for (const char* bad :
         {"", "Basic", "Basic ", "Basic !!", "Basic YQ==", "Bearer Z2F0ZTpz", "Basic YTpi-_"})
        EXPECT_EQ(basic(bad), "none") << bad;
    header_list two;
    two.add("Authorization", "Basic YTpi");
    two.add("Authorization", "Basic YTpi");
    EXPECT_FALSE(read_basic(two));
}

TEST(client_address, believes_only_trusted_proxies_from_right_to_left) {
    const std::vector<std::string> proxies{"10.0.0.1", "10.0.0.2"};
    const struct {
        const char* peer;
        std::vector<const char*> forwarded;
        const char* address;
    } table[] = {
        {"9.9.9.9", {}, "9.9.9.9"},
        {"9.9.9.9", {"1.1.1.1"}, "9.9.9.9"},
        {"10.0.0.1", {}, "10.0.0.1"},
        {"10.0.0.1", {"1.1.1.1"}, "1.1.1.1"},
        {"10.0.0.1", {"2.2.2.2, 1.1.1.1"}, "1.1.1.1"},
        {"10.0.0.1", {"2.2.2.2", "1.1.1.1"}, "1.1.1.1"},
        {"10.0.0.1", {"2.2.2.2, 1.1.1.1,10.0.0.2"}, "1.1.1.1"},
        {"10.0.0.1", {"1.1.1.1", "10.0.0.2"}, "1.1.1.1"},
        {"10.0.0.1", {"2001:db8::1"}, "2001:db8::1"},
    };
    for (const auto& row : table) {
        request asked;
        asked.remote_address = row.peer;
        for (const auto* value : row.forwarded) asked.headers.add("X-Forwarded-For", value);
        const auto got = address_of_client(asked, proxies);
        ASSERT_TRUE(got);
        EXPECT_EQ(got->str(), row.address);
    }
    request odd;
    odd.remote_address = "10.0.0.1";
    odd.headers.add("X-Forwarded-For", "a b{c}");
    EXPECT_FALSE(address_of_client(odd, proxies));
}

int status_of(const std::string& body) {
    const auto read = read_credentials(body);
    const auto* fault = std::get_if<body_fault>(&read);
    return fault == nullptr ? 200 : fault->status;
}

std::string nested(int depth) {
    return R"({"account":"a","password":"b","x":)" +
           std::string(static_cast<unsigned>(depth), '[') +
           std::string(static_cast<unsigned>(depth), ']') + "}";
}

TEST(credentials_body, table) {
    const std::string both = R"("account":"a","password":"b")";
    const std::pair<std::string, int> table[] = {
        {"{" + both + "}", 200},
        {" {" + both + R"(,"name":"N","x":{"y":[1,null]}} )", 200},
        {"{" + both + R"(,"name":null})", 200},
        {R"({"\u0061ccount":"a","password":"b"})", 200},
        {nested(14), 200},
        {"", 400},
        {" ", 400},
        {"account=a&password=b", 400},
        {"null", 400},
        {"[]", 400},
        {"\"a\"", 400},
        {"1", 400},
        {"[{" + both + "}]", 400},
        {"{" + both, 400},
        {"{" + both + "}}", 400},
        {"{" + both + "} x", 400},
        {"{" + both + ",}", 400},
        {"{'account':'a','password':'b'}", 400},
        {"{" + both + R"(,"account":"c"})", 400},
        {"{" + both + R"(,"\u0061ccount":"c"})", 400},
        {"{\"account\":\"\xff\",\"password\":\"b\"}", 400},
        {R"({"account":"\ud800","password":"b"})", 400},
        {R"({"account":"a\u0000","password":"b"})", 400},
        {"\xef\xbb\xbf{" + both + "}", 400},
        {nested(1000), 400},
        {"{}", 422},
        {R"({"account":"a"})", 422},
        {R"({"password":"b"})", 422},
        {R"({"account":1,"password":"b"})", 422},
        {R"({"account":null,"password":"b"})", 422},
        {R"({"account":["a"],"password":"b"})", 422},
        {R"({"account":"a","password":{}})", 422},
        {R"({"account":"","password":"b"})", 422},
        {R"({"account":" a","password":"b"})", 422},
        {R"({"account":"a\nb","password":"b"})", 422},
        {R"({"account":")" + std::string(65, 'a') + R"(","password":"b"})", 422},
        {R"({"account":"a","password":""})", 422},
        {R"({"account":"a","password":")" + std::string(1025, 'b') + "\"}", 422},
        {"{" + both + R"(,"name":1})", 422},
        {"{" + both + R"(,"name":"a\nb"})", 422},
        {"{" + both + R"(,"name":")" + std::string(257, 'n') + "\"}", 422},
    };
    for (const auto& [body, status] : table)
        EXPECT_EQ(status_of(body), status) << body.substr(0, 80);
}

TEST(instant, is_rfc_3339_in_utc) {
    EXPECT_EQ(rfc3339(from_unix_seconds(0)), "1970-01-01T00:00:00Z");
    EXPECT_EQ(rfc3339(from_unix_ms(1709294399999)), "2024-03-01T11:59:59Z");
}

}  // namespace
}  // namespace holdfast::http
