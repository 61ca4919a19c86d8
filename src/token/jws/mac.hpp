// HMAC with a key set up once: each use starts from the keyed state instead of hashing the key
// again.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

namespace holdfast {

/// Immutable after construction; any thread may compute() at any time, without a lock.
class keyed_mac {
public:
    /// `digest`: SHA256, SHA384 or SHA512; nothing for others.
    static std::optional<keyed_mac> make(std::string_view secret, std::string_view digest);
    keyed_mac(keyed_mac&&) noexcept;
    keyed_mac& operator=(keyed_mac&&) noexcept;
    ~keyed_mac();

    /// The size of the MAC written to `out`, at most 64 bytes. Allocates nothing.
    std::size_t compute(std::string_view data, std::span<unsigned char, 64> out) const noexcept;

private:
    struct pads;
    explicit keyed_mac(std::unique_ptr<pads>) noexcept;
    std::unique_ptr<pads> pads_;
};

}  // namespace holdfast
