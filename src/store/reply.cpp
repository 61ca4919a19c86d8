// Reading script replies.
#include "holdfast/reply.hpp"

#include <charconv>

namespace holdfast {

result<std::int64_t> reply::integer() const {
    if (const auto* number = std::get_if<std::int64_t>(&value_)) return *number;
    if (const auto* text = std::get_if<std::string>(&value_)) {
        std::int64_t number = 0;
        const auto* end = text->data() + text->size();
        const auto [stop, ec] = std::from_chars(text->data(), end, number);
        if (ec == std::errc{} && stop == end && !text->empty()) return number;
    }
    return errc::protocol_error;
}

result<std::string> reply::text() const {
    if (is_nil()) return std::string{};
    if (const auto* text = std::get_if<std::string>(&value_)) return *text;
    return errc::protocol_error;
}

const reply::array& reply::items() const noexcept {
    static const array none;
    const auto* items = std::get_if<array>(&value_);
    return items != nullptr ? *items : none;
}

const reply& reply::operator[](std::size_t i) const noexcept {
    static const reply nil;
    const auto& all = items();
    return i < all.size() ? all[i] : nil;
}

std::int64_t reply::as_integer() const noexcept {
    const auto number = integer();
    return number ? *number : 0;
}

std::string_view reply::as_text() const noexcept {
    const auto* text = std::get_if<std::string>(&value_);
    return text != nullptr ? std::string_view(*text) : std::string_view();
}

std::string to_string(const reply& value) {
    if (value.is_nil()) return "nil";
    if (value.is_integer()) return std::to_string(value.as_integer());
    if (value.is_text()) return '"' + std::string(value.as_text()) + '"';
    std::string text = "[";
    for (const auto& item : value.items()) {
        if (text.size() > 1) text += ", ";
        text += to_string(item);
    }
    return text + ']';
}

}  // namespace holdfast
