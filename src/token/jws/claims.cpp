// Claims as values: copied out of a payload, and written back in their fixed order.
#include "holdfast/claims.hpp"

#include "base/write_json.hpp"
#include "token/jws/claims_view.hpp"

namespace holdfast {
namespace {

// Every other member as it stands, so that what we sign again is what we read.
std::string extra_of(std::string_view payload) {
    std::string extra;
    json_object_reader reader(payload);
    json_member member;
    while (reader.next(member)) {
        if (is_known_claim(member.name)) continue;
        if (!extra.empty()) extra += ',';
        extra.append("\"").append(member.name.raw).append("\":");
        const bool quoted = member.value.is(json_kind::string);
        extra.append(quoted ? "\"" : "").append(member.value.raw).append(quoted ? "\"" : "");
    }
    return extra;
}

std::optional<wall_time> as_time(const std::optional<std::int64_t>& seconds) {
    if (!seconds) return std::nullopt;
    return from_unix_seconds(*seconds);
}

class object_writer {
public:
    void text(const char* name, std::string_view value) {
        if (!value.empty()) raw(name, json_quote(value));
    }
    void time(const char* name, const std::optional<wall_time>& value) {
        if (value) raw(name, std::to_string(to_unix_seconds(*value)));
    }
    void raw(const char* name, std::string_view value) {
        next();
        json_.append("\"").append(name).append("\":").append(value);
    }
    void members(std::string_view inside) {
        if (inside.empty()) return;
        next();
        json_ += inside;
    }
    std::string finish() && {
        json_ += '}';
        return std::move(json_);
    }

private:
    void next() {
        if (json_.size() > 1) json_ += ',';
    }
    std::string json_ = "{";
};

std::string audience_json(const std::vector<std::string>& audience) {
    if (audience.size() == 1) return json_quote(audience.front());
    std::string json = "[";
    for (const auto& one : audience) {
        if (json.size() > 1) json += ',';
        json += json_quote(one);
    }
    return json += ']';
}

}  // namespace

token_claims claims_view::copy(std::string_view payload) const {
    token_claims claims;
    claims.guard = guard->str();
    claims.subject = subject ? subject->str() : jti->str();
    if (jti) claims.jti = jti->str();
    if (sid) claims.sid = sid->str();
    claims.generation = generation;
    claims.user_epoch = user_epoch;
    claims.expires_at = from_unix_seconds(*expires_at);
    claims.not_before = as_time(not_before);
    claims.issued_at = as_time(issued_at);
    claims.auth_time = as_time(auth_time);
    if (audience && audience->is(json_kind::string)) {
        claims.audience.push_back(audience->text().str());
    } else if (audience) {
        json_array_reader items(audience->raw);
        json_value item;
        while (items.next(item)) claims.audience.push_back(item.text().str());
    }
    if (extra_members > 0) claims.extra = extra_of(payload);
    return claims;
}

result<token_claims> token_claims::parse(std::string_view json) {
    claims_view view;
    if (const auto fault = read_claims(json, view)) return fault;
    return view.copy(json);
}

std::string token_claims::to_json() const {
    object_writer json;
    json.text("iss", guard);
    json.text("sub", subject);
    if (!audience.empty()) json.raw("aud", audience_json(audience));
    json.time("exp", expires_at);
    json.time("nbf", not_before);
    json.time("iat", issued_at);
    json.time("auth_time", auth_time);
    json.text("jti", jti);
    if (!sid.empty()) {
        json.text("sid", sid);
        json.raw("gen", std::to_string(generation));
        json.raw("ue", std::to_string(user_epoch));
    }
    json.members(extra);
    return std::move(json).finish();
}

result<std::string> parse_extra_claims(std::string_view object) {
    json_object_reader reader(object);
    json_member member;
    bool own = false;
    while (reader.next(member)) own |= is_known_claim(member.name);
    if (!reader.ok() || own) return errc::invalid_argument;
    return extra_of(object);
}

}  // namespace holdfast
