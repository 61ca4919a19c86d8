// Strong types for the names and numbers of the field, so that two of them never swap places.
#pragma once

#include "holdfast/error.hpp"
#include "holdfast/time.hpp"

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace holdfast {

class runtime;

/// The name of a lock; it is also the Redis key that holds the owner (docs/protocol.md).
/// 1 to 512 bytes, no control characters; braces only as one non-empty `{tag}` (a Redis Cluster
/// hash tag). Anything else is errc::invalid_argument, from parse().
class lock_name {
public:
    static result<lock_name> parse(std::string_view text);
    /// Wiring only: throws boost::system::system_error where parse() would fail.
    explicit lock_name(std::string_view text);

    const std::string& str() const noexcept { return text_; }
    /// What goes between braces so that a derived key shares the lock's hash slot.
    std::string_view hash_tag() const noexcept;

    friend auto operator<=>(const lock_name&, const lock_name&) = default;

private:
    struct checked {};
    lock_name(checked, std::string_view text) : text_(text) {}
    std::string text_;
};

/// The name of a job: 1 to 128 bytes out of letters, digits, `.`, `_`, `-`, `:` and `/`.
class job_name {
public:
    static result<job_name> parse(std::string_view text);
    explicit job_name(std::string_view text);

    const std::string& str() const noexcept { return text_; }
    friend auto operator<=>(const job_name&, const job_name&) = default;

private:
    struct checked {};
    job_name(checked, std::string_view text) : text_(text) {}
    std::string text_;
};

/// Who asks: 128 random bits, drawn for every attempt to take a lock. Two attempts never share one,
/// not even in one thread; repeating a call with the same id is what makes a lost reply harmless.
class owner_id {
public:
    static constexpr std::size_t size = 16;
    static owner_id random(runtime&);
    /// Reads back what str() gave (32 lower-case hexadecimal digits).
    static result<owner_id> parse(std::string_view hex);

    std::string str() const;
    friend auto operator<=>(const owner_id&, const owner_id&) = default;

private:
    std::array<unsigned char, size> bytes_{};
};

/// A number that rises with every grant of one lock. A resource that remembers the highest token it
/// has seen and refuses lower ones is safe from a holder that woke up late (Kleppmann 2016).
/// Tokens of different locks cannot be compared.
class fencing_token {
public:
    constexpr fencing_token() = default;
    constexpr explicit fencing_token(std::uint64_t value) : value_(value) {}
    constexpr std::uint64_t value() const noexcept { return value_; }
    friend constexpr auto operator<=>(fencing_token, fencing_token) = default;

private:
    std::uint64_t value_ = 0;
};

/// How long the store keeps a lease that nobody extends. 1 ms to 24 h; parse refuses the rest.
class lease_ttl {
public:
    static result<lease_ttl> parse(milliseconds span);
    explicit lease_ttl(milliseconds span);
    milliseconds span() const noexcept { return span_; }
    friend auto operator<=>(lease_ttl, lease_ttl) = default;

private:
    struct checked {};
    lease_ttl(checked, milliseconds span) : span_(span) {}
    milliseconds span_;
};

}  // namespace holdfast

template <>
struct std::hash<holdfast::lock_name> {
    std::size_t operator()(const holdfast::lock_name& n) const noexcept {
        return std::hash<std::string>{}(n.str());
    }
};
template <>
struct std::hash<holdfast::owner_id> {
    std::size_t operator()(const holdfast::owner_id& id) const noexcept {
        return std::hash<std::string>{}(id.str());
    }
};
