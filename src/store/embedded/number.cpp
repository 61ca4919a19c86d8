// Number formats of the command arguments.
#include "store/embedded/number.hpp"

#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace holdfast::embedded {
namespace {

constexpr std::int64_t last_exact = 1LL << 53;  // every integer up to it is a double

}  // namespace

std::optional<std::int64_t> parse_integer(std::string_view text) noexcept {
    if (text.empty() || text.size() > 20) return std::nullopt;
    const auto digits = text.front() == '-' ? text.substr(1) : text;
    if (digits.empty()) return std::nullopt;
    if (digits.front() == '0' && text.size() > 1) return std::nullopt;  // "01", "-0"
    std::int64_t number = 0;
    const auto* end = text.data() + text.size();
    const auto [stop, ec] = std::from_chars(text.data(), end, number);
    if (ec != std::errc{} || stop != end) return std::nullopt;
    return number;
}

namespace {

// strtod on a terminated copy; nothing when text is left over, as embedded zeros leave it.
std::optional<double> whole_double(std::string_view text) {
    errno = 0;
    if (const auto integer = parse_integer(text); integer && std::abs(*integer) <= last_exact)
        return static_cast<double>(*integer);
    const std::string copy(text);
    char* end = nullptr;
    const double number = std::strtod(copy.c_str(), &end);
    if (end != copy.c_str() + copy.size() || std::isnan(number)) return std::nullopt;
    return number;
}

}  // namespace

std::optional<double> parse_score(std::string_view text) {
    if (text.empty() || std::isspace(static_cast<unsigned char>(text.front()))) return std::nullopt;
    const auto number = whole_double(text);
    if (number && errno == ERANGE && (std::isinf(*number) || *number == 0)) return std::nullopt;
    return number;
}

std::optional<score_bound> parse_score_bound(std::string_view text) {
    text = text.substr(0, text.find('\0'));  // Redis reads a bound as a C string
    score_bound bound;
    bound.exclusive = !text.empty() && text.front() == '(';
    if (bound.exclusive) text.remove_prefix(1);
    const auto number = whole_double(text);
    if (!number) return std::nullopt;
    bound.score = *number;
    return bound;
}

std::size_t whole_digits(double number, std::span<char> out) noexcept {
    if (number != std::floor(number) || std::abs(number) > static_cast<double>(last_exact))
        return 0;
    if (number == 0 && std::signbit(number)) return 0;
    const auto whole = static_cast<std::int64_t>(number);
    const auto end = std::to_chars(out.data(), out.data() + out.size(), whole).ptr;
    return static_cast<std::size_t>(end - out.data());
}

std::string format_double(double number) {
    if (std::isinf(number)) return number > 0 ? "inf" : "-inf";
    char digits[40];
    if (const auto whole = whole_digits(number, digits)) return {digits, whole};
    const int length = std::snprintf(digits, sizeof digits, "%.17g", number);
    return {digits, static_cast<std::size_t>(length)};
}

bool is_word(std::string_view text, std::string_view lower) noexcept {
    if (text.size() != lower.size()) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c) != lower[i])
            return false;
    }
    return true;
}

}  // namespace holdfast::embedded
