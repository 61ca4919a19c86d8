// The cache of verified tokens: never more than verify_token would say.
#include "token/jws/verified_tokens.hpp"

#include "token/jws/tokens.hpp"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

using namespace test;

key_ring_ptr shared_ring() { return std::make_shared<const key_ring>(hmac_ring()); }

TEST(verified_tokens, a_hit_gives_the_claims_and_judges_expiry_again) {
    const auto ring = shared_ring();
    verified_tokens cache(app_guard(), 100);
    const auto token = sign_token(good_claims(), *ring).value();
    for (int i = 0; i < 3; ++i) EXPECT_EQ(*cache.verify(token, ring, now).value(), good_claims());
    EXPECT_EQ(cache.verify(token, ring, good_claims().expires_at).error(), errc::token_expired);
    EXPECT_EQ(cache.verify(token, ring, now - hours{1}).error(), errc::token_not_yet_valid);
    EXPECT_TRUE(cache.verify(token, ring, now)) << "the answer follows the clock";
}

TEST(verified_tokens, another_ring_forgets_everything) {
    verified_tokens cache(app_guard(), 100);
    const auto ring = shared_ring();
    const auto token = sign_token(good_claims(), *ring).value();
    EXPECT_TRUE(cache.verify(token, ring, now));
    auto other_key = jws_key::from_secret(std::string(32, 'x'), jws_algorithm::hs256).value();
    const auto other = std::make_shared<const key_ring>(key_ring::of(std::move(other_key)));
    EXPECT_EQ(cache.verify(token, other, now).error(), errc::token_signature);
    EXPECT_TRUE(cache.verify(token, ring, now));
}

TEST(verified_tokens, never_mixes_identities_however_small_it_is) {
    const auto ring = shared_ring();
    for (const std::size_t room : {0u, 1u, 8u, 1000u}) {
        verified_tokens cache(app_guard(), room);
        for (int round = 0; round < 3; ++round)
            for (int user = 0; user < 200; ++user) {
                auto claims = good_claims();
                claims.subject = std::to_string(user);
                const auto token = sign_token(claims, *ring).value();
                ASSERT_EQ(cache.verify(token, ring, now).value()->subject, claims.subject);
            }
    }
}

TEST(verified_tokens, remembers_no_refused_token_and_no_prefix_of_a_good_one) {
    const auto ring = shared_ring();
    verified_tokens cache(app_guard(), 100);
    const auto token = sign_token(good_claims(), *ring).value();
    EXPECT_TRUE(cache.verify(token, ring, now));
    auto same_tail = token;  // falls into the same set, and differs at the front only
    same_tail[0] = 'f';
    EXPECT_FALSE(cache.verify(same_tail, ring, now));
    EXPECT_FALSE(cache.verify(same_tail, ring, now));
    EXPECT_FALSE(cache.verify(token + "x", ring, now));
}

}  // namespace
}  // namespace holdfast
