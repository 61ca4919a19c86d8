// Who is at the far end, when proxies of ours stand between.
#pragma once

#include "http/message.hpp"
#include "token/names.hpp"

#include <optional>
#include <string>
#include <vector>

namespace holdfast::http {

/// The address that login limits count against: the peer, or, while the peer is a trusted proxy,
/// the last entry of X-Forwarded-For that is not one. What an untrusted peer claims is ignored, and
/// so is everything left of the first untrusted entry.
std::optional<client_address> address_of_client(const request& asked,
                                                const std::vector<std::string>& trusted_proxies);

}  // namespace holdfast::http
