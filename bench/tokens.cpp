// HS256: `bench_tokens MODE SECONDS` prints how many a second on one core.
// Modes: verify (signature and claims of one guard), known (a token seen before), hmac (a keyed
// HMAC over the same bytes).
#include "timed.hpp"
#include "token/jws/guard.hpp"
#include "token/jws/verified_tokens.hpp"

#include <openssl/evp.h>

namespace holdfast::bench {
namespace {

constexpr std::string_view secret = "a secret of the benchmark, 32 bytes and more";
constexpr int batch = 256;

token_claims claims_at(wall_time now) {
    token_claims claims;
    claims.guard = "app";
    claims.subject = "1027";
    claims.sid = "Zk3V0bXh9QmJw5c1";
    claims.generation = 3;
    claims.user_epoch = 1;
    claims.jti = "q0d2m7Zs1fPa8e4R";
    claims.expires_at = now + hours{12};
    claims.issued_at = now;
    return claims;
}

double verifications(const runtime& rt, nanoseconds span) {
    const auto now = rt.wall_now();
    const auto keys = key_ring::of(jws_key::from_secret(secret, jws_algorithm::hs256).value());
    const auto token = sign_token(claims_at(now), keys).value();
    guard_policy policy;
    policy.name = "app";
    bool good = true;
    const double done = rate(rt, span, [&] {
        for (int i = 0; i < batch; ++i)
            good = good && verify_token(token, policy, keys, now).has_value();
        return batch;
    });
    return good ? done : 0;
}

// The same token again and again, as a client sends it: compared as a whole, judged by the clock.
double recognitions(const runtime& rt, nanoseconds span) {
    const auto now = rt.wall_now();
    const auto keys = std::make_shared<const key_ring>(
        key_ring::of(jws_key::from_secret(secret, jws_algorithm::hs256).value()));
    const auto token = sign_token(claims_at(now), *keys).value();
    verified_tokens known({.name = "app"}, 1024);
    bool good = true;
    const double done = rate(rt, span, [&] {
        for (int i = 0; i < batch; ++i) good = good && known.verify(token, keys, now).has_value();
        return batch;
    });
    return good ? done : 0;
}

// The cheapest way OpenSSL has: a context keyed once, started again for every token.
double hmacs(const runtime& rt, nanoseconds span) {
    const auto keys = key_ring::of(jws_key::from_secret(secret, jws_algorithm::hs256).value());
    const auto token = sign_token(claims_at(rt.wall_now()), keys).value();
    const auto* bytes = reinterpret_cast<const unsigned char*>(token.data());
    const auto size = token.rfind('.');
    EVP_MAC* mac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
    EVP_MAC_CTX* context = EVP_MAC_CTX_new(mac);
    char digest[] = "SHA256";
    const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string("digest", digest, 0),
                                     OSSL_PARAM_construct_end()};
    EVP_MAC_init(context, reinterpret_cast<const unsigned char*>(secret.data()), secret.size(),
                 parameters);
    const double done = rate(rt, span, [&] {
        unsigned char out[32];
        std::size_t written = 0;
        for (int i = 0; i < batch; ++i) {
            EVP_MAC_init(context, nullptr, 0, nullptr);
            EVP_MAC_update(context, bytes, size);
            EVP_MAC_final(context, out, &written, sizeof out);
        }
        return batch;
    });
    EVP_MAC_CTX_free(context);
    EVP_MAC_free(mac);
    return done;
}

}  // namespace
}  // namespace holdfast::bench

int main(int count, char** words) {
    using namespace holdfast;
    if (count != 3) return bench::fail("usage: bench_tokens verify|known|hmac SECONDS");
    boost::asio::io_context context(1);
    const asio_runtime rt(context);
    const auto span = nanoseconds(static_cast<std::int64_t>(std::atof(words[2]) * 1e9));
    const std::string mode = words[1];
    const double done = mode == "verify"  ? bench::verifications(rt, span)
                        : mode == "known" ? bench::recognitions(rt, span)
                                          : bench::hmacs(rt, span);
    if (done == 0) return bench::fail("no result for " + mode);
    std::printf("%.0f\n", done);
}
