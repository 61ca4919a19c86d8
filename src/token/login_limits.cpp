// Buckets are named by a digest: accounts may hold any text and do not belong in key names.
#include "token/login_limits.hpp"

#include "base/encode.hpp"
#include "token_scripts.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>

namespace holdfast {
namespace {

std::string bucket_key(const store& shared, std::string_view kind, const guard_name& guard,
                       std::string_view who) {
    std::string text(kind);
    text.append(":").append(guard.str()).append(":").append(who);
    std::array<std::byte, 32> digest{};
    EVP_Digest(text.data(), text.size(), reinterpret_cast<unsigned char*>(digest.data()), nullptr,
               EVP_sha256(), nullptr);
    return shared.prefix() + "l:" + std::string(kind) + ":" +
           hex_encode(std::span(digest).first<16>());
}

}  // namespace

task<result<milliseconds>> login_limiter::ask(std::string bucket, failure_limit limit, int cost) {
    script_keys keys(std::move(bucket));
    script_args args(limit.burst, limit.gap.count(), cost);
    const auto answer =
        co_await store_.run(scripts::token::limit, std::move(keys), std::move(args));
    if (!answer) co_return answer.error();
    co_return milliseconds{(*answer)[1].as_integer()};
}

task<result<milliseconds>> login_limiter::wait_before(
    const account_name& account, const std::optional<client_address>& address) {
    auto longest = co_await ask(bucket_key(store_, "a", guard_, account.str()), limits_.account, 0);
    if (!longest || !address) co_return longest;
    const auto other =
        co_await ask(bucket_key(store_, "i", guard_, address->str()), limits_.address, 0);
    if (!other) co_return other.error();
    co_return std::max(*longest, *other);
}

task<result<void>> login_limiter::count_failure(const account_name& account,
                                                const std::optional<client_address>& address) {
    const auto counted =
        co_await ask(bucket_key(store_, "a", guard_, account.str()), limits_.account, 1);
    if (!counted) co_return counted.error();
    if (!address) co_return result<void>{};
    const auto other =
        co_await ask(bucket_key(store_, "i", guard_, address->str()), limits_.address, 1);
    if (!other) co_return other.error();
    co_return result<void>{};
}

}  // namespace holdfast
