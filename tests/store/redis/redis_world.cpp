// SHA-1 of test scripts.
#include "store/redis/redis_world.hpp"

#include "base/encode.hpp"

#include <openssl/evp.h>

#include <array>
#include <deque>

namespace holdfast::test {

script make_script(const char* name, const char* text) {
    static std::deque<std::string> hashes;  // scripts hold views
    const std::string_view body(text);
    std::array<std::byte, 20> hash;
    EVP_Digest(body.data(), body.size(), reinterpret_cast<unsigned char*>(hash.data()), nullptr,
               EVP_sha1(), nullptr);
    hashes.push_back(hex_encode(hash));
    return {name, hashes.back(), body};
}

}  // namespace holdfast::test
