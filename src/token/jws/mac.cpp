// Keyed HMAC contexts, lent to one caller at a time.
#include "token/jws/mac.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <array>
#include <atomic>
#include <functional>
#include <thread>

namespace holdfast {
namespace {

struct free_context {
    void operator()(EVP_MAC_CTX* context) const noexcept { EVP_MAC_CTX_free(context); }
};
using context_ptr = std::unique_ptr<EVP_MAC_CTX, free_context>;

// A context that waits for its next user. A slot a thread: two threads meet here only when their
// ids collide, and then the later one copies the prototype instead of waiting.
struct alignas(64) slot {
    std::atomic<EVP_MAC_CTX*> idle{nullptr};
    ~slot() { EVP_MAC_CTX_free(idle.load()); }
};

}  // namespace

struct keyed_mac::contexts {
    context_ptr prototype;
    std::array<slot, 16> slots;

    slot& mine() noexcept {
        const auto id = std::hash<std::thread::id>{}(std::this_thread::get_id());
        return slots[(id ^ id >> 12) % slots.size()];
    }
    context_ptr borrow(slot& from) const noexcept {
        context_ptr context(from.idle.exchange(nullptr, std::memory_order_acquire));
        if (!context) context.reset(EVP_MAC_CTX_dup(prototype.get()));
        return context;
    }
    static void give_back(slot& to, context_ptr context) noexcept {
        EVP_MAC_CTX* empty = nullptr;
        if (to.idle.compare_exchange_strong(empty, context.get(), std::memory_order_release,
                                            std::memory_order_relaxed))
            context.release();
    }
};

keyed_mac::keyed_mac(std::unique_ptr<contexts> c) noexcept : contexts_(std::move(c)) {}
keyed_mac::keyed_mac(keyed_mac&&) noexcept = default;
keyed_mac& keyed_mac::operator=(keyed_mac&&) noexcept = default;
keyed_mac::~keyed_mac() = default;

std::optional<keyed_mac> keyed_mac::make(std::string_view secret, const char* digest) {
    const std::unique_ptr<EVP_MAC, decltype(&EVP_MAC_free)> hmac(
        EVP_MAC_fetch(nullptr, "HMAC", nullptr), &EVP_MAC_free);
    if (!hmac) return std::nullopt;
    auto made = std::make_unique<contexts>();
    made->prototype.reset(EVP_MAC_CTX_new(hmac.get()));
    char name[16] = {};
    std::string_view(digest).copy(name, sizeof name - 1);
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
        OSSL_PARAM_construct_end()};
    if (!made->prototype ||
        EVP_MAC_init(made->prototype.get(), reinterpret_cast<const unsigned char*>(secret.data()),
                     secret.size(), parameters) != 1)
        return std::nullopt;
    return keyed_mac(std::move(made));
}

std::size_t keyed_mac::compute(std::string_view data,
                               std::span<unsigned char, 64> out) const noexcept {
    slot& home = contexts_->mine();
    auto context = contexts_->borrow(home);
    std::size_t size = 0;
    const bool computed =
        context && EVP_MAC_init(context.get(), nullptr, 0, nullptr) == 1 &&
        EVP_MAC_update(context.get(), reinterpret_cast<const unsigned char*>(data.data()),
                       data.size()) == 1 &&
        EVP_MAC_final(context.get(), out.data(), &size, out.size()) == 1;
    if (context) contexts::give_back(home, std::move(context));
    return computed ? size : 0;
}

}  // namespace holdfast
