// Whatever somebody presents as a token: a verdict, never a crash; and what is accepted says the
// same when it is signed again.
#include "base/encode.hpp"
#include "fuzz/require.hpp"
#include "token/jws/guard.hpp"
#include "token/jws/jws.hpp"

#include <cstdint>

namespace {

using namespace holdfast;
using fuzz::require;

constexpr std::int64_t instant = 1'800'000'000;

const key_ring& ring() {
    static const auto made = [] {
        auto key =
            jws_key::from_secret("0123456789abcdef0123456789abcdef", jws_algorithm::hs256).value();
        key.set_kid("k1");
        return key_ring::of(std::move(key));
    }();
    return made;
}

void judge(std::string_view token, bool seed_tokens) {
    guard_policy policy{.name = "app"};
    policy.seed_tokens = seed_tokens;
    const auto now = from_unix_seconds(instant);
    const auto accepted = verify_token(token, policy, ring(), now);
    if (!accepted) {
        require(accepted.error() == condition::denied);
        return;
    }
    require(accepted->guard == "app" && accepted->expires_at > now);
    require(!judge_again(*accepted, policy, now));
    const auto again = sign_token(*accepted, ring());
    if (!again) return;  // what had just fitted may be longer in our own spelling
    const auto verified = verify_token(*again, policy, ring(), now);
    require(verified && *verified == *accepted);
}

}  // namespace

// First byte: bit 0 header and payload follow, parted by a line feed, and are signed correctly;
// otherwise the rest is the token as presented. Bit 1 the guard takes tokens of the Go seed.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    const bool seed_tokens = (data[0] & 2) != 0;
    if ((data[0] & 1) == 0) {
        judge(text, seed_tokens);
        return 0;
    }
    const auto end = text.find('\n');
    if (end == text.npos) return 0;
    auto token =
        base64url_encode(text.substr(0, end)) + '.' + base64url_encode(text.substr(end + 1));
    token += '.' + base64url_encode(ring().find("k1")->sign(token).value());
    judge(token, seed_tokens);
    return 0;
}
