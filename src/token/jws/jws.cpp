// Strict verification and signing of compact JWS.
#include "token/jws/jws.hpp"

#include "base/encode.hpp"
#include "base/write_json.hpp"

#include <algorithm>
#include <cstring>
#include <optional>

namespace holdfast {
namespace {

struct segments {
    std::string_view header;
    std::string_view payload;
    std::string_view signature;
    std::string_view signed_text;  // header, dot, payload
};

std::optional<segments> split(std::string_view compact) noexcept {
    const auto first = compact.find('.');
    if (first == compact.npos) return std::nullopt;
    const auto second = compact.find('.', first + 1);
    if (second == compact.npos || compact.find('.', second + 1) != compact.npos)
        return std::nullopt;
    const segments parts{compact.substr(0, first), compact.substr(first + 1, second - first - 1),
                         compact.substr(second + 1), compact.substr(0, second)};
    if (parts.header.empty() || parts.signature.empty()) return std::nullopt;
    return parts;
}

struct header_fields {
    std::optional<json_text> algorithm = {};
    std::optional<json_text> kid = {};
    std::optional<json_text> type = {};
};

bool read_text(const json_value& value, std::optional<json_text>& into) noexcept {
    if (!value.is(json_kind::string)) return false;
    into = value.text();
    return true;
}

jws_fault read_header(std::string_view json, header_fields& fields) noexcept {
    json_object_reader reader(json);
    json_member member;
    bool well_typed = true, extended = false;
    while (reader.next(member)) {
        const auto& name = member.name;
        if (name == "alg")
            well_typed &= read_text(member.value, fields.algorithm);
        else if (name == "kid")
            well_typed &= read_text(member.value, fields.kid);
        else if (name == "typ")
            well_typed &= read_text(member.value, fields.type);
        else if (name == "crit" || name == "b64" || name == "zip")
            extended = true;
    }
    if (!reader.ok() || !well_typed || !fields.algorithm) return jws_fault::header;
    return extended ? jws_fault::extension : jws_fault::none;
}

bool names(const json_text& text, jws_algorithm algorithm) noexcept {
    return text == facts_of(algorithm).name ||
           (algorithm == jws_algorithm::eddsa && text == "Ed25519");
}

// The signature is decoded once, by the first key whose signatures have its length.
class signature_check {
public:
    explicit signature_check(const segments& parts) noexcept : parts_(parts) {}

    jws_fault by(const jws_key& key) noexcept {
        if (parts_.signature.size() != (key.signature_size() * 4 + 2) / 3)
            return jws_fault::signature;
        if (!decoded_) decoded_ = base64url_decode(parts_.signature, bytes_);
        if (!decoded_) return jws_fault::encoding;
        return key.verify(parts_.signed_text, {bytes_.data(), *decoded_}) ? jws_fault::none
                                                                          : jws_fault::signature;
    }

private:
    const segments& parts_;
    std::array<char, 1024 + 2> bytes_;  // RSA of 8192 bits
    std::optional<std::size_t> decoded_;
};

bool answers_to(const jws_key& key, const std::optional<json_text>& kid) noexcept {
    return !kid || key.kid().empty() || *kid == key.kid();
}

jws_fault verify_signature(const segments& parts, const header_fields& fields, const key_ring& keys,
                           jws_view& out) noexcept {
    signature_check check(parts);
    auto fault = jws_fault::unknown_key;
    for (const auto& entry : keys.keys()) {
        if (!answers_to(*entry.key, fields.kid)) continue;
        if (!names(*fields.algorithm, entry.key->algorithm())) {
            if (fault == jws_fault::unknown_key) fault = jws_fault::algorithm;
            continue;
        }
        fault = check.by(*entry.key);
        out.key = entry.key.get();
        if (fault != jws_fault::signature) break;
    }
    return fault;
}

// Most tokens are our own: their header is, byte for byte, what one of the keys writes.
const jws_key* key_by_header(std::string_view header, const key_ring& keys) noexcept {
    for (const auto& entry : keys.keys())
        if (entry.header == header) return entry.key.get();
    return nullptr;
}

std::optional<std::string_view> decode(std::string_view segment, std::span<char> room) noexcept {
    const auto size = base64url_decode(segment, room);
    if (!size) return std::nullopt;
    return std::string_view(room.data(), *size);
}

}  // namespace

jws_fault check_jws(std::string_view compact, const key_ring& keys, jws_buffer& buffer,
                    jws_view& out) noexcept {
    if (compact.size() > most_token_bytes) return jws_fault::too_long;
    const auto parts = split(compact);
    if (!parts) return jws_fault::segments;
    std::span<char> room(buffer.bytes);
    if (const auto* own = key_by_header(parts->header, keys)) {
        if (const auto fault = signature_check(*parts).by(*own); fault != jws_fault::none)
            return fault;
        out.key = own;
        out.type = json_text(plain_token_type);
    } else {
        const auto header = decode(parts->header, room);
        if (!header) return jws_fault::encoding;
        room = room.subspan(header->size());
        header_fields fields;
        if (const auto fault = read_header(*header, fields); fault != jws_fault::none) return fault;
        if (const auto fault = verify_signature(*parts, fields, keys, out);
            fault != jws_fault::none)
            return fault;
        out.type = fields.type.value_or(json_text{});
    }
    const auto payload = decode(parts->payload, room);
    if (!payload) return jws_fault::encoding;
    out.payload = *payload;
    return jws_fault::none;
}

result<verified_jws> verify_jws(std::string_view compact, const key_ring& keys) {
    jws_buffer buffer;
    jws_view view;
    if (const auto fault = check_jws(compact, keys, buffer, view); fault != jws_fault::none)
        return errc_of(fault);
    return verified_jws{std::string(view.payload), view.type.str(), view.key->kid(),
                        view.key->algorithm()};
}

std::string jws_header(const jws_key& key, std::string_view type) {
    std::string header = R"({"alg":")";
    header += facts_of(key.algorithm()).name;
    header += '"';
    if (!key.kid().empty()) header += R"(,"kid":)" + json_quote(key.kid());
    if (!type.empty()) header += R"(,"typ":)" + json_quote(type);
    return header += '}';
}

result<std::string> sign_jws(const jws_key& key, std::string_view payload, std::string_view type) {
    std::string token = base64url_encode(jws_header(key, type));
    token += '.';
    token += base64url_encode(payload);
    const auto signature = key.sign(token);
    if (!signature) return errc::invalid_argument;
    token += '.';
    token += base64url_encode(*signature);
    if (token.size() > most_token_bytes) return errc::invalid_argument;
    return token;
}

const char* describe(jws_fault fault) noexcept {
    switch (fault) {
        case jws_fault::none: return "valid";
        case jws_fault::too_long: return "the token is longer than 8192 bytes";
        case jws_fault::segments:
            return "the token is not three segments with a header and a signature";
        case jws_fault::encoding: return "a segment is not canonical base64url without padding";
        case jws_fault::header:
            return "the header is not one strict JSON object with a text alg, kid and typ";
        case jws_fault::extension:
            return "the header asks for an extension (crit, b64, zip); none is understood";
        case jws_fault::unknown_key: return "no key has the kid of the token";
        case jws_fault::algorithm: return "alg is not the one algorithm of the key";
        case jws_fault::signature: return "the signature does not match";
    }
    return "invalid";
}

errc errc_of(jws_fault fault) noexcept {
    switch (fault) {
        case jws_fault::unknown_key:
        case jws_fault::algorithm:
        case jws_fault::signature: return errc::token_signature;
        default: return errc::token_malformed;
    }
}

}  // namespace holdfast
