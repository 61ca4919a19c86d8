// A key bound to one algorithm: loading with every refusal made at load time, signing, verifying.
#pragma once

#include "holdfast/error.hpp"
#include "token/jws/algorithm.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace holdfast {

/// Why a key was refused. A refused key never verifies anything.
enum class key_fault {
    not_json,              ///< not one well-formed JSON object
    no_key_type,           ///< kty missing, or not one of oct, RSA, EC, OKP
    wrong_member,          ///< a member of a wrong type, missing, or not base64url
    unknown_algorithm,     ///< alg is none of ours
    algorithm_mismatch,    ///< alg does not belong to this type of key or curve
    not_for_signatures,    ///< use is not sig, or key_ops lacks verify
    secret_too_short,      ///< shorter than the digest (RFC 7518 section 3.2)
    public_key_as_secret,  ///< a PEM or DER key given as an HMAC secret
    rsa_size,              ///< below 2048 or above 8192 bits
    rsa_exponent,          ///< even, one, or longer than 64 bits
    unknown_curve,
    not_on_curve,
    wrong_private_key,  ///< does not belong to the public one
    not_pem,            ///< no key could be read (encrypted keys are not asked a passphrase for)
};

/// "the secret is shorter than 32 bytes …": one sentence for the operator.
const char* describe(key_fault) noexcept;

/// A key or the reason there is none. value() of a failed one throws system_error.
template <class T>
using key_result = boost::system::result<T, key_fault>;
[[noreturn]] void throw_exception_from_error(key_fault, const boost::source_location&);

/// Immutable; any thread may use it.
class jws_key {
public:
    /// An HMAC secret as bytes. Refused: secrets shorter than the digest, and public or private
    /// keys in PEM or DER (white space before them or not): the classic algorithm confusion.
    static key_result<jws_key> from_secret(std::string_view secret, jws_algorithm algorithm);
    /// A JWK (RFC 7517). Without `alg`: by curve; HS256 for oct, RS256 for RSA.
    static key_result<jws_key> from_jwk(std::string_view json);
    /// The same, `otherwise` being the algorithm of a key that names none.
    static key_result<jws_key> from_jwk(std::string_view json, jws_algorithm otherwise);
    /// A public or private key in PEM. Without an algorithm: by curve; RS256 for RSA.
    static key_result<jws_key> from_pem(std::string_view pem,
                                        std::optional<jws_algorithm> algorithm = std::nullopt);

    jws_key(jws_key&&) noexcept;
    jws_key& operator=(jws_key&&) noexcept;
    ~jws_key();

    jws_algorithm algorithm() const noexcept;
    bool symmetric() const noexcept;
    /// Symmetric, or with its private part.
    bool can_sign() const noexcept;

    /// The key id it was given; empty when it has none, and then any `kid` of a header may mean it.
    const std::string& kid() const noexcept;
    void set_kid(std::string kid);
    /// RFC 7638 SHA-256 thumbprint, base64url. RFC 8037 appendix A.3 for Ed25519.
    std::string thumbprint() const;
    /// The public half as a JWK; empty for a symmetric key, which is never published.
    std::string public_jwk() const;

    /// Bytes of every signature of this key.
    std::size_t signature_size() const noexcept;
    bool verify(std::string_view signed_text, std::string_view signature) const noexcept;
    /// Nothing when the key cannot sign or OpenSSL failed. ECDSA and PSS signatures differ from
    /// call to call, the others do not.
    std::optional<std::string> sign(std::string_view text) const;

private:
    struct material;
    friend class key_builder;
    explicit jws_key(std::unique_ptr<material>) noexcept;
    std::unique_ptr<material> material_;
};

}  // namespace holdfast
