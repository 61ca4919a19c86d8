// Members of a login body.
#include "http/credentials_body.hpp"

#include "http/characters.hpp"
#include "token/jws/json.hpp"

#include <optional>

namespace holdfast::http {
namespace {

constexpr std::size_t longest_password = 1024;
constexpr std::size_t longest_name = 256;

struct fields {
    std::optional<json_value> account;
    std::optional<json_value> password;
    std::optional<json_value> name;
};

std::optional<fields> read_fields(std::string_view body) {
    fields found;
    json_object_reader reader(body);
    json_member member;
    while (reader.next(member)) {
        if (member.name == "account") found.account = member.value;
        if (member.name == "password") found.password = member.value;
        if (member.name == "name" && !member.value.is(json_kind::null)) found.name = member.value;
    }
    if (!reader.ok()) return std::nullopt;
    return found;
}

bool is_string(const std::optional<json_value>& value) {
    return value && value->is(json_kind::string);
}

}  // namespace

std::variant<credentials, body_fault> read_credentials(std::string_view body) {
    const auto found = read_fields(body);
    if (!found) return body_fault{400, "the body must be one JSON object (UTF-8, no member twice)"};
    if (!is_string(found->account)) return body_fault{422, "account must be a string"};
    if (!is_string(found->password)) return body_fault{422, "password must be a string"};
    if (found->name && !is_string(found->name)) return body_fault{422, "name must be a string"};
    auto account = account_name::parse(found->account->text().str());
    if (!account)
        return body_fault{422,
                          "account must be 1 to 64 bytes without control characters or "
                          "blanks at its ends"};
    secret_text password(found->password->text().str());
    if (password.empty()) return body_fault{422, "password must not be empty"};
    if (password.reveal().size() > longest_password)
        return body_fault{422, "password must be at most 1024 bytes"};
    credentials read(std::move(*account), std::move(password));
    if (found->name) read.name = found->name->text().str();
    if (read.name.size() > longest_name || !is_clear(read.name))
        return body_fault{422, "name must be at most 256 bytes without control characters"};
    return read;
}

}  // namespace holdfast::http
