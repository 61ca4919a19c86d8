// Reading claims without copying them.
#include "token/jws/claims_view.hpp"

#include "token/jws/claim_limits.hpp"
#include "token/jws/json_scan.hpp"
#include "token/jws/own_claims.hpp"

#include <charconv>
#include <cmath>

namespace holdfast {
namespace {

enum class claim { iss, sub, aud, exp, nbf, iat, auth_time, jti, sid, gen, ue, other };

// In the order in which to_json() writes them.
constexpr std::pair<std::string_view, claim> claim_names[] = {{"iss", claim::iss},
                                                              {"sub", claim::sub},
                                                              {"exp", claim::exp},
                                                              {"iat", claim::iat},
                                                              {"jti", claim::jti},
                                                              {"sid", claim::sid},
                                                              {"gen", claim::gen},
                                                              {"ue", claim::ue},
                                                              {"aud", claim::aud},
                                                              {"nbf", claim::nbf},
                                                              {"auth_time", claim::auth_time}};

claim claim_named(const json_text& name) noexcept {
    for (const auto& [text, meaning] : claim_names)
        if ((name.escaped || (name.raw.size() == text.size() && name.raw[0] == text[0])) &&
            name == text)
            return meaning;
    return claim::other;
}

// A NumericDate: whole, or with a fraction that is cut.
bool read_time(const json_value& value, std::optional<std::int64_t>& into) noexcept {
    if (const auto whole =
            value.whole(static_cast<std::uint64_t>(claim_limits::end_of_year_9999))) {
        into = static_cast<std::int64_t>(*whole);
        return true;
    }
    if (!value.is(json_kind::number) || value.raw.front() == '-') return false;
    double seconds = 0;
    const char* end = value.raw.data() + value.raw.size();
    if (std::from_chars(value.raw.data(), end, seconds).ec != std::errc()) return false;
    if (!(seconds <= static_cast<double>(claim_limits::end_of_year_9999))) return false;
    into = static_cast<std::int64_t>(std::floor(seconds));
    return true;
}

bool is_control(char c) noexcept { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

bool good_text(const json_text& text) noexcept {
    if (text.raw.empty()) return false;
    if (!text.escaped) {
        for (const char c : text.raw)
            if (is_control(c)) return false;
        return text.raw.size() <= claim_limits::text_bytes;
    }
    json_scan::decoder decoded(text);
    char piece[4];
    std::size_t total = 0;
    while (const auto size = decoded.next(piece)) {
        if (is_control(piece[0])) return false;
        total += size;
    }
    return total <= claim_limits::text_bytes;
}

bool read_text(const json_value& value, std::optional<json_text>& into) noexcept {
    if (!value.is(json_kind::string) || !good_text(value.text())) return false;
    into = value.text();
    return true;
}

bool read_sid(const json_value& value, std::optional<json_text>& into) noexcept {
    if (!value.is(json_kind::string) || value.escaped || value.raw.empty() ||
        value.raw.size() > claim_limits::sid_bytes)
        return false;
    for (const char c : value.raw) {
        const bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '-' || c == '_';
        if (!word) return false;
    }
    into = value.text();
    return true;
}

bool read_audience(const json_value& value, std::optional<json_value>& into) noexcept {
    into = value;
    if (value.is(json_kind::string)) return good_text(value.text());
    if (!value.is(json_kind::array)) return false;
    json_array_reader items(value.raw);
    json_value item;
    int count = 0;
    while (items.next(item))
        if (++count > claim_limits::audiences || !item.is(json_kind::string) ||
            !good_text(item.text()))
            return false;
    return count > 0;
}

bool read_count(const json_value& value, std::uint64_t& into) noexcept {
    const auto whole = value.whole(claim_limits::most_count);
    into = whole.value_or(0);
    return whole.has_value();
}

bool read_claim(const json_member& member, claims_view& out) noexcept {
    switch (claim_named(member.name)) {
        case claim::iss: return read_text(member.value, out.guard);
        case claim::sub: return read_text(member.value, out.subject);
        case claim::jti: return read_text(member.value, out.jti);
        case claim::sid: return read_sid(member.value, out.sid);
        case claim::aud: return read_audience(member.value, out.audience);
        case claim::exp: return read_time(member.value, out.expires_at);
        case claim::nbf: return read_time(member.value, out.not_before);
        case claim::iat: return read_time(member.value, out.issued_at);
        case claim::auth_time: return read_time(member.value, out.auth_time);
        case claim::gen: return read_count(member.value, out.generation);
        case claim::ue: return read_count(member.value, out.user_epoch);
        case claim::other: ++out.extra_members; return true;
    }
    return true;
}

}  // namespace

bool is_known_claim(const json_text& name) noexcept { return claim_named(name) != claim::other; }

error_code read_claims(std::string_view payload, claims_view& out) noexcept {
    if (read_own_claims(payload, out)) return {};
    out = {};
    return read_any_claims(payload, out);
}

error_code read_any_claims(std::string_view payload, claims_view& out) noexcept {
    json_object_reader reader(payload);
    json_member member;
    bool good = true;
    while (reader.next(member)) good &= read_claim(member, out);
    if (!reader.ok()) return errc::token_malformed;
    if (!good || !out.guard || !out.expires_at || !(out.subject || out.jti))
        return errc::token_claims;
    return {};
}

bool claims_view::is_for(std::string_view wanted) const noexcept {
    if (!audience) return false;
    if (audience->is(json_kind::string)) return audience->text() == wanted;
    json_array_reader items(audience->raw);
    json_value item;
    while (items.next(item))
        if (item.text() == wanted) return true;
    return false;
}

}  // namespace holdfast
