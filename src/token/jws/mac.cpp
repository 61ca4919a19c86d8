// RFC 2104 over OpenSSL's hashes, by value.
//
// A keyed state is copied for every token. The functions used here are what OpenSSL 3 keeps of its
// older interface, in which that is an assignment. The newer one copies through the heap: half of
// the time of a short MAC.
#define OPENSSL_API_COMPAT 10100
#include "token/jws/mac.hpp"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <variant>

namespace holdfast {
namespace {

template <class Context, int init(Context*), int update(Context*, const void*, std::size_t),
          int finish_with(unsigned char*, Context*), std::size_t block_size, std::size_t mac_size>
class hash_state {
public:
    static constexpr std::size_t block = block_size;
    static constexpr std::size_t size = mac_size;

    hash_state() noexcept { init(&context_); }
    hash_state(const hash_state&) noexcept = default;
    hash_state& operator=(const hash_state&) noexcept = default;
    ~hash_state() { OPENSSL_cleanse(&context_, sizeof context_); }

    void add(const void* data, std::size_t bytes) noexcept { update(&context_, data, bytes); }
    void finish(unsigned char* out) noexcept { finish_with(out, &context_); }

private:
    Context context_;
};

using sha256 = hash_state<SHA256_CTX, SHA256_Init, SHA256_Update, SHA256_Final, SHA256_CBLOCK,
                          SHA256_DIGEST_LENGTH>;
using sha384 = hash_state<SHA512_CTX, SHA384_Init, SHA384_Update, SHA384_Final, SHA512_CBLOCK,
                          SHA384_DIGEST_LENGTH>;
using sha512 = hash_state<SHA512_CTX, SHA512_Init, SHA512_Update, SHA512_Final, SHA512_CBLOCK,
                          SHA512_DIGEST_LENGTH>;

/// The hash after the inner and after the outer block of the key.
template <class Hash>
class keyed {
public:
    explicit keyed(std::string_view secret) noexcept {
        std::array<unsigned char, Hash::block> key{};
        if (secret.size() > key.size()) {
            Hash longer;
            longer.add(secret.data(), secret.size());
            longer.finish(key.data());
        } else {
            std::copy(secret.begin(), secret.end(), key.begin());
        }
        for (auto& byte : key) byte ^= 0x36;
        inner_.add(key.data(), key.size());
        for (auto& byte : key) byte ^= 0x36 ^ 0x5c;
        outer_.add(key.data(), key.size());
        OPENSSL_cleanse(key.data(), key.size());
    }

    std::size_t compute(std::string_view data, std::span<unsigned char, 64> out) const noexcept {
        Hash inner = inner_;
        inner.add(data.data(), data.size());
        inner.finish(out.data());
        Hash outer = outer_;
        outer.add(out.data(), Hash::size);
        outer.finish(out.data());
        return Hash::size;
    }

private:
    Hash inner_;
    Hash outer_;
};

}  // namespace

struct keyed_mac::pads {
    template <class Hash>
    pads(std::in_place_type_t<Hash> hash, std::string_view secret) : of(hash, secret) {}
    std::variant<keyed<sha256>, keyed<sha384>, keyed<sha512>> of;
};

keyed_mac::keyed_mac(std::unique_ptr<pads> p) noexcept : pads_(std::move(p)) {}
keyed_mac::keyed_mac(keyed_mac&&) noexcept = default;
keyed_mac& keyed_mac::operator=(keyed_mac&&) noexcept = default;
keyed_mac::~keyed_mac() = default;

std::optional<keyed_mac> keyed_mac::make(std::string_view secret, std::string_view digest) {
    const auto with = [&](auto hash) { return keyed_mac(std::make_unique<pads>(hash, secret)); };
    if (digest == "SHA256") return with(std::in_place_type<keyed<sha256>>);
    if (digest == "SHA384") return with(std::in_place_type<keyed<sha384>>);
    if (digest == "SHA512") return with(std::in_place_type<keyed<sha512>>);
    return std::nullopt;
}

std::size_t keyed_mac::compute(std::string_view data,
                               std::span<unsigned char, 64> out) const noexcept {
    return std::visit([&](const auto& keyed) { return keyed.compute(data, out); }, pads_->of);
}

}  // namespace holdfast
