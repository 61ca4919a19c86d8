// Constant-time comparison and wiping, by OpenSSL.
#include "base/secret.hpp"

#include <openssl/crypto.h>

namespace holdfast {

bool equal_in_constant_time(std::string_view a, std::string_view b) noexcept {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

secret_text& secret_text::operator=(secret_text&& other) noexcept {
    if (this != &other) {
        wipe();
        text_ = std::exchange(other.text_, {});
    }
    return *this;
}

void secret_text::wipe() noexcept { OPENSSL_cleanse(text_.data(), text_.size()); }

}  // namespace holdfast
