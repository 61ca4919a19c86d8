// Reading keys from JWK and PEM.
#include "token/jws/key_material.hpp"

#include "base/encode.hpp"
#include "token/jws/json.hpp"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

#include <map>

namespace holdfast {
namespace {

using number_ptr = std::unique_ptr<BIGNUM, decltype(&BN_clear_free)>;

struct jwk_fields {
    std::map<std::string, std::string, std::less<>> text = {};  // every member that is a string
    std::optional<std::string_view> key_ops = {};               // the array's text

    std::string_view get(std::string_view name) const {
        const auto found = text.find(name);
        return found == text.end() ? std::string_view() : found->second;
    }
    bool has(std::string_view name) const { return text.contains(name); }
    std::optional<std::string> bytes(std::string_view name) const {
        if (get(name).empty()) return std::nullopt;
        return base64url_decode(get(name));
    }
};

bool is_string_member(const json_text& name) {
    for (const auto* known : {"kty", "use", "alg", "kid", "crv", "k", "n", "e", "d", "x", "y", "p",
                              "q", "dp", "dq", "qi"})
        if (name == known) return true;
    return false;
}

key_result<jwk_fields> read_fields(std::string_view json) {
    jwk_fields fields;
    json_object_reader reader(json);
    json_member member;
    bool wrong_type = false;
    while (reader.next(member)) {
        if (member.name == "key_ops") {
            if (member.value.is(json_kind::array)) fields.key_ops = member.value.raw;
            wrong_type |= !member.value.is(json_kind::array);
        } else if (is_string_member(member.name)) {
            wrong_type |= !member.value.is(json_kind::string);
            fields.text.emplace(member.name.str(), member.value.text().str());
        }
    }
    if (!reader.ok()) return key_fault::not_json;
    if (wrong_type) return key_fault::wrong_member;
    return fields;
}

bool for_signatures(const jwk_fields& fields) {
    if (fields.has("use") && fields.get("use") != "sig") return false;
    if (!fields.key_ops) return true;
    json_array_reader operations(*fields.key_ops);
    json_value operation;
    bool verifies = false;
    while (operations.next(operation))
        verifies |= operation.is(json_kind::string) && operation.text() == "verify";
    return verifies;
}

// Collects numbers and texts of a key and makes the key of them.
class pkey_maker {
public:
    pkey_maker() : builder_(OSSL_PARAM_BLD_new(), &OSSL_PARAM_BLD_free) {}

    bool number(const char* name, const std::optional<std::string>& bytes) {
        if (!bytes) return false;
        const auto* data = reinterpret_cast<const unsigned char*>(bytes->data());
        numbers_.emplace_back(BN_bin2bn(data, static_cast<int>(bytes->size()), nullptr),
                              &BN_clear_free);
        return numbers_.back() &&
               OSSL_PARAM_BLD_push_BN(builder_.get(), name, numbers_.back().get()) == 1;
    }
    bool text(const char* name, const char* value) {
        return OSSL_PARAM_BLD_push_utf8_string(builder_.get(), name, value, 0) == 1;
    }
    bool octets(const char* name, std::string value) {
        octets_ = std::move(value);
        return OSSL_PARAM_BLD_push_octet_string(builder_.get(), name, octets_.data(),
                                                octets_.size()) == 1;
    }
    pkey_ptr make(const char* type, bool has_private) {
        const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(
            EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr), &EVP_PKEY_CTX_free);
        const std::unique_ptr<OSSL_PARAM, decltype(&OSSL_PARAM_free)> parameters(
            OSSL_PARAM_BLD_to_param(builder_.get()), &OSSL_PARAM_free);
        EVP_PKEY* made = nullptr;
        if (context && parameters && EVP_PKEY_fromdata_init(context.get()) == 1)
            EVP_PKEY_fromdata(context.get(), &made,
                              has_private ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY,
                              parameters.get());
        ERR_clear_error();
        return pkey_ptr(made);
    }

private:
    std::unique_ptr<OSSL_PARAM_BLD, decltype(&OSSL_PARAM_BLD_free)> builder_;
    std::vector<number_ptr> numbers_;  // the builder keeps pointers only, of these and of
    std::string octets_;               // this, until make()
};

key_result<pkey_ptr> rsa_of(const jwk_fields& fields) {
    static constexpr std::pair<const char*, const char*> private_parts[] = {
        {"d", OSSL_PKEY_PARAM_RSA_D},          {"p", OSSL_PKEY_PARAM_RSA_FACTOR1},
        {"q", OSSL_PKEY_PARAM_RSA_FACTOR2},    {"dp", OSSL_PKEY_PARAM_RSA_EXPONENT1},
        {"dq", OSSL_PKEY_PARAM_RSA_EXPONENT2}, {"qi", OSSL_PKEY_PARAM_RSA_COEFFICIENT1}};
    pkey_maker maker;
    if (!maker.number(OSSL_PKEY_PARAM_RSA_N, fields.bytes("n")) ||
        !maker.number(OSSL_PKEY_PARAM_RSA_E, fields.bytes("e")))
        return key_fault::wrong_member;
    if (fields.has("d")) {
        const bool with_factors = fields.has("p");
        for (const auto& [member, parameter] : private_parts) {
            if (!with_factors && std::string_view(member) != "d") break;
            if (!maker.number(parameter, fields.bytes(member))) return key_fault::wrong_member;
        }
    }
    auto made = maker.make("RSA", fields.has("d"));
    if (!made) return key_fault::wrong_member;
    return made;
}

const algorithm_facts* curve_named(std::string_view crv) {
    for (const auto algorithm : {jws_algorithm::es256, jws_algorithm::es384, jws_algorithm::es512})
        if (facts_of(algorithm).jwk_curve == crv) return &facts_of(algorithm);
    return nullptr;
}

key_result<pkey_ptr> ec_of(const jwk_fields& fields) {
    const auto* facts = curve_named(fields.get("crv"));
    if (facts == nullptr) return key_fault::unknown_curve;
    const auto x = fields.bytes("x"), y = fields.bytes("y");
    if (!x || !y || x->size() != facts->coordinate_size || y->size() != facts->coordinate_size)
        return key_fault::wrong_member;
    pkey_maker maker;
    if (!maker.text(OSSL_PKEY_PARAM_GROUP_NAME, facts->curve) ||
        !maker.octets(OSSL_PKEY_PARAM_PUB_KEY, '\4' + *x + *y) ||
        (fields.has("d") && !maker.number(OSSL_PKEY_PARAM_PRIV_KEY, fields.bytes("d"))))
        return key_fault::wrong_member;
    auto made = maker.make("EC", fields.has("d"));
    if (!made) return key_fault::not_on_curve;
    return made;
}

key_result<pkey_ptr> okp_of(const jwk_fields& fields) {
    if (fields.get("crv") != "Ed25519") return key_fault::unknown_curve;
    const auto x = fields.bytes("x");
    if (!x || x->size() != 32) return key_fault::wrong_member;
    const auto as_bytes = [](const std::string& s) {
        return reinterpret_cast<const unsigned char*>(s.data());
    };
    if (!fields.has("d"))
        return pkey_ptr(
            EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, as_bytes(*x), x->size()));
    const auto d = fields.bytes("d");
    if (!d || d->size() != 32) return key_fault::wrong_member;
    pkey_ptr made(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, as_bytes(*d), d->size()));
    std::string derived(32, '\0');
    auto size = derived.size();
    if (!made || EVP_PKEY_get_raw_public_key(
                     made.get(), reinterpret_cast<unsigned char*>(derived.data()), &size) != 1)
        return key_fault::wrong_member;
    if (derived != *x) return key_fault::wrong_private_key;
    return made;
}

key_result<jws_key> load(const jwk_fields& fields, std::optional<jws_algorithm> algorithm) {
    const auto type = fields.get("kty");
    if (type == "oct") {
        const auto secret = fields.bytes("k");
        if (!secret)
            return fields.has("k") && fields.get("k").empty() ? key_fault::secret_too_short
                                                              : key_fault::wrong_member;
        return key_builder::from_secret(*secret, algorithm.value_or(jws_algorithm::hs256));
    }
    auto pkey = type == "RSA"   ? rsa_of(fields)
                : type == "EC"  ? ec_of(fields)
                : type == "OKP" ? okp_of(fields)
                                : key_result<pkey_ptr>(key_fault::no_key_type);
    if (!pkey) return pkey.error();
    return key_builder::from_pkey(std::move(*pkey), algorithm, fields.has("d"));
}

key_result<jws_key> read_jwk(std::string_view json, std::optional<jws_algorithm> otherwise) {
    const auto fields = read_fields(json);
    if (!fields) return fields.error();
    if (!for_signatures(*fields)) return key_fault::not_for_signatures;
    auto algorithm = otherwise;
    if (fields->has("alg")) {
        algorithm = find_algorithm(fields->get("alg"));
        if (!algorithm) return key_fault::unknown_algorithm;
    }
    auto key = load(*fields, algorithm);
    if (key) key->set_kid(std::string(fields->get("kid")));
    return key;
}

}  // namespace

key_result<jws_key> jws_key::from_jwk(std::string_view json) {
    return read_jwk(json, std::nullopt);
}

key_result<jws_key> jws_key::from_jwk(std::string_view json, jws_algorithm otherwise) {
    return read_jwk(json, otherwise);
}

key_result<jws_key> jws_key::from_pem(std::string_view pem,
                                      std::optional<jws_algorithm> algorithm) {
    const auto open = [&] {
        return std::unique_ptr<BIO, decltype(&BIO_free)>(
            BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
    };
    // Without a callback OpenSSL would ask the terminal for the passphrase.
    const auto no_passphrase = [](char*, int, int, void*) { return 0; };
    pkey_ptr pkey(PEM_read_bio_PrivateKey(open().get(), nullptr, no_passphrase, nullptr));
    const bool has_private = pkey != nullptr;
    if (!pkey) pkey.reset(PEM_read_bio_PUBKEY(open().get(), nullptr, no_passphrase, nullptr));
    ERR_clear_error();
    if (!pkey) return key_fault::not_pem;
    return key_builder::from_pkey(std::move(pkey), algorithm, has_private);
}

}  // namespace holdfast
