// The JSON body of register and login, checked.
#pragma once

#include "base/secret.hpp"
#include "token/names.hpp"

#include <string>
#include <string_view>
#include <variant>

namespace holdfast::http {

struct credentials {
    credentials(account_name who, secret_text what)
        : account(std::move(who)), password(std::move(what)) {}
    account_name account;
    secret_text password;
    std::string name;  ///< empty when not given
};

/// What is wrong with a body, for its sender.
struct body_fault {
    int status;  ///< 400: not a JSON object; 422: not the right members
    std::string_view message;
};

/// `{"account":"…","password":"…","name":"…"}`; other members are ignored, `name` may be absent or
/// null. Never throws.
std::variant<credentials, body_fault> read_credentials(std::string_view body);

}  // namespace holdfast::http
