// Checks and conversions of the strong types.
#include "holdfast/ids.hpp"

#include "base/encode.hpp"
#include "holdfast/runtime.hpp"

#include <algorithm>

namespace holdfast {
namespace {

constexpr std::size_t longest_lock_name = 512;
constexpr std::size_t longest_job_name = 128;
constexpr milliseconds longest_ttl = hours{24};

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

// Redis hashes what stands between the first '{' and the next '}'; any other brace would make the
// slot of the lock differ from the slot of its queue.
bool has_well_formed_braces(std::string_view text) {
    const auto open = text.find('{');
    const auto close = text.find('}');
    if (open == text.npos && close == text.npos) return true;
    return open != text.npos && close != text.npos && close > open + 1 &&
           text.find('{', open + 1) == text.npos && text.find('}', close + 1) == text.npos;
}

bool is_lock_name(std::string_view text) {
    return !text.empty() && text.size() <= longest_lock_name &&
           std::ranges::none_of(text, is_control) && has_well_formed_braces(text);
}

bool is_job_name(std::string_view text) {
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '_' || c == '-' || c == ':' || c == '/';
    };
    return !text.empty() && text.size() <= longest_job_name && std::ranges::all_of(text, allowed);
}

}  // namespace

result<lock_name> lock_name::parse(std::string_view text) {
    if (!is_lock_name(text)) return errc::invalid_argument;
    return lock_name(checked{}, text);
}

lock_name::lock_name(std::string_view text) : lock_name(parse(text).value()) {}

std::string_view lock_name::hash_tag() const noexcept {
    const auto open = text_.find('{');
    if (open == std::string::npos) return text_;
    return std::string_view(text_).substr(open + 1, text_.find('}') - open - 1);
}

result<job_name> job_name::parse(std::string_view text) {
    if (!is_job_name(text)) return errc::invalid_argument;
    return job_name(checked{}, text);
}

job_name::job_name(std::string_view text) : job_name(parse(text).value()) {}

owner_id owner_id::random(runtime& rt) {
    owner_id id;
    rt.fill_random(std::as_writable_bytes(std::span(id.bytes_)));
    return id;
}

result<owner_id> owner_id::parse(std::string_view hex) {
    const auto bytes = hex_decode(hex);
    if (!bytes || bytes->size() != size) return errc::invalid_argument;
    owner_id id;
    std::ranges::copy(*bytes, id.bytes_.begin());
    return id;
}

std::string owner_id::str() const { return hex_encode(std::as_bytes(std::span(bytes_))); }

result<lease_ttl> lease_ttl::parse(milliseconds span) {
    if (span < milliseconds{1} || span > longest_ttl) return errc::invalid_argument;
    return lease_ttl(checked{}, span);
}

lease_ttl::lease_ttl(milliseconds span) : lease_ttl(parse(span).value()) {}

}  // namespace holdfast
