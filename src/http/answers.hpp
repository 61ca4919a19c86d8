// The bodies of /api/* and what each error means in HTTP.
#pragma once

#include "holdfast/error.hpp"
#include "http/message.hpp"
#include "http/services.hpp"

#include <string>
#include <string_view>

namespace holdfast::http {

/// `error_code` of a body: the seed's numbers, and one for a store that is away.
struct api_code {
    static constexpr int ok = 0;
    static constexpr int business = 40000;
    static constexpr int token = 40100;
    static constexpr int validation = 42200;
    static constexpr int internal = 50000;
    static constexpr int store = 50300;
};

inline constexpr std::string_view json_type = "application/json; charset=utf-8";

/// JSON text that goes into a body as it is.
struct json_fragment {
    std::string text = "null";
};

/// {"error_code":N,"data":…,"message":"…"}, members in this order.
response api_answer(int status, int code, const json_fragment& data, std::string_view message);
response api_ok(const json_fragment& data);
response api_refusal(int status, int code, std::string_view message);
/// The one answer for each error of the services. Store trouble is 503, never 401.
response api_failure(const error_code& ec);

/// Whether the error says something about the token itself.
bool is_token_fault(const error_code& ec) noexcept;

/// Whether it says nothing about the request but that the store cannot serve it now.
bool is_store_trouble(const error_code& ec) noexcept;

/// New-Token, New-Expires-In, and Cache-Control: no-store so that no cache hands them to another.
void add_renewal(response& to, const issued_token& token);

/// RFC 6750 section 3.
enum class challenge { no_credentials, invalid_token, expired_token, invalid_request };
void add_challenge(response& to, const guard_name& realm, challenge why);

}  // namespace holdfast::http
