// CRC-32C, eight bytes a step through eight tables.
#include "store/embedded/crc32c.hpp"

#include <array>
#include <cstddef>

namespace holdfast::embedded {
namespace {

using tables = std::array<std::array<std::uint32_t, 256>, 8>;

constexpr tables make_tables() {
    tables t{};
    for (std::uint32_t i = 0; i < 256; ++i) {
        std::uint32_t sum = i;
        for (int bit = 0; bit < 8; ++bit) sum = (sum >> 1) ^ ((sum & 1U) != 0 ? 0x82f63b78U : 0U);
        t[0][i] = sum;
    }
    for (std::size_t i = 0; i < 256; ++i)
        for (std::size_t k = 1; k < 8; ++k) t[k][i] = (t[k - 1][i] >> 8) ^ t[0][t[k - 1][i] & 0xff];
    return t;
}

constexpr tables table = make_tables();

std::uint32_t byte_at(std::string_view bytes, std::size_t i) noexcept {
    return static_cast<unsigned char>(bytes[i]);
}

}  // namespace

std::uint32_t crc32c(std::string_view bytes, std::uint32_t sum) noexcept {
    sum = ~sum;
    for (; bytes.size() >= 8; bytes.remove_prefix(8)) {
        const std::uint32_t low = sum ^ (byte_at(bytes, 0) | byte_at(bytes, 1) << 8 |
                                         byte_at(bytes, 2) << 16 | byte_at(bytes, 3) << 24);
        sum = table[7][low & 0xff] ^ table[6][(low >> 8) & 0xff] ^ table[5][(low >> 16) & 0xff] ^
              table[4][low >> 24] ^ table[3][byte_at(bytes, 4)] ^ table[2][byte_at(bytes, 5)] ^
              table[1][byte_at(bytes, 6)] ^ table[0][byte_at(bytes, 7)];
    }
    for (std::size_t i = 0; i < bytes.size(); ++i)
        sum = (sum >> 8) ^ table[0][(sum ^ byte_at(bytes, i)) & 0xff];
    return ~sum;
}

}  // namespace holdfast::embedded
