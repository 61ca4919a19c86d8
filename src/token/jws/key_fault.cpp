// The sentences for refused keys.
#include "token/jws/key.hpp"

#include <boost/throw_exception.hpp>

namespace holdfast {

const char* describe(key_fault fault) noexcept {
    switch (fault) {
        case key_fault::not_json: return "the JWK is not one well-formed JSON object";
        case key_fault::no_key_type: return "kty is not oct, RSA, EC or OKP";
        case key_fault::wrong_member:
            return "a member of the JWK is missing, of a wrong type or not base64url";
        case key_fault::unknown_algorithm: return "alg is not one of HS, RS, PS, ES or EdDSA";
        case key_fault::algorithm_mismatch: return "alg does not belong to this type of key";
        case key_fault::not_for_signatures:
            return "the key is not for signatures: use must be sig, key_ops must contain verify";
        case key_fault::secret_too_short:
            return "the secret is shorter than the digest: HS256 needs 32 bytes, HS384 48, HS512 "
                   "64";
        case key_fault::public_key_as_secret:
            return "the secret is a PEM or DER key; an HMAC secret must be secret random bytes";
        case key_fault::rsa_size: return "an RSA key must have 2048 to 8192 bits";
        case key_fault::rsa_exponent:
            return "the RSA exponent must be odd, above one and at most 64 bits long";
        case key_fault::unknown_curve: return "the curve is not P-256, P-384, P-521 or Ed25519";
        case key_fault::not_on_curve: return "the point is not on the curve";
        case key_fault::wrong_private_key:
            return "the private part does not belong to the public one";
        case key_fault::not_pem: return "no unencrypted key in PEM found";
    }
    return "the key was refused";
}

void throw_exception_from_error(key_fault fault, const boost::source_location& where) {
    boost::throw_exception(
        boost::system::system_error(make_error_code(errc::invalid_configuration), describe(fault)),
        where);
}

}  // namespace holdfast
