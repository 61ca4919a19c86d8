// What a guard says about genuine tokens.
#include "token/jws/guard.hpp"

#include "token/jws/tokens.hpp"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

using namespace test;

TEST(guard, accepts_what_it_signed_and_gives_the_same_claims) {
    const auto ring = hmac_ring();
    auto claims = good_claims();
    claims.audience = {"api", "web"};
    claims.extra = R"("name":"\u00e9","roles":["a",{"b":1.5}])";
    claims.auth_time = now - hours{2};
    const auto token = sign_token(claims, ring);
    ASSERT_TRUE(token);
    const auto verified = verify_token(*token, app_guard(), ring, now);
    ASSERT_TRUE(verified) << verified.error().message();
    EXPECT_EQ(*verified, claims);
    EXPECT_EQ(verified->to_json(), claims.to_json());
}

TEST(guard, accepts_tokens_of_the_go_seed_only_when_told_to) {
    const auto ring = hmac_ring();
    const auto token = sign_raw(R"({"alg":"HS256","typ":"JWT"})",
                                R"({"iss":"app","exp":1800003600,"nbf":1799999000,"jti":"7"})");
    auto policy = app_guard();
    EXPECT_EQ(verify_token(token, policy, ring, now).error(), errc::token_claims);
    policy.seed_tokens = true;
    const auto verified = verify_token(token, policy, ring, now);
    ASSERT_TRUE(verified) << verified.error().message();
    EXPECT_EQ(verified->subject, "7");
    EXPECT_EQ(verified->sid, "");
}

TEST(guard, expires_at_the_very_instant) {
    const auto ring = hmac_ring();
    const auto token = sign_token(good_claims(), ring).value();
    const auto exp = good_claims().expires_at;
    EXPECT_TRUE(verify_token(token, app_guard(), ring, exp - microseconds{1}));
    EXPECT_EQ(verify_token(token, app_guard(), ring, exp).error(), errc::token_expired);
    auto lenient = app_guard();
    lenient.expiry_leeway = seconds{5};
    EXPECT_TRUE(verify_token(token, lenient, ring, exp + seconds{4}));
    EXPECT_EQ(verify_token(token, lenient, ring, exp + seconds{5}).error(), errc::token_expired);
}

}  // namespace
}  // namespace holdfast
