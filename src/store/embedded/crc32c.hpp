// Checksum of journal records: CRC-32C (Castagnoli; RFC 3720 appendix B.4).
#pragma once

#include <cstdint>
#include <string_view>

namespace holdfast::embedded {

/// Continues from an earlier sum; 0 starts one.
std::uint32_t crc32c(std::string_view bytes, std::uint32_t sum = 0) noexcept;

}  // namespace holdfast::embedded
