// "holdfast-lease:1:<owner>:<fence>:<ttl ms>:<cool-down ms>:<barging ms>:<name>".
#include "holdfast/lease_offer.hpp"

#include <array>
#include <charconv>

namespace holdfast {
namespace {

constexpr std::string_view opening = "holdfast-lease:1:";

/// The next field and its colon; nothing when there is none.
std::optional<std::string_view> take_field(std::string_view& text) {
    const auto end = text.find(':');
    if (end == text.npos) return std::nullopt;
    const auto field = text.substr(0, end);
    text.remove_prefix(end + 1);
    return field;
}

/// Plain digits only.
std::optional<std::int64_t> take_number(std::string_view& text) {
    const auto field = take_field(text);
    std::int64_t value = 0;
    if (!field || field->empty() || field->front() == '-') return std::nullopt;
    const auto read = std::from_chars(field->data(), field->data() + field->size(), value);
    if (read.ec != std::errc() || read.ptr != field->data() + field->size()) return std::nullopt;
    return value;
}

}  // namespace

lease_offer::lease_offer(const lease& held)
    : lease_offer(held.name(), held.owner(), held.fence(), held.ttl(), held.terms()) {}

std::string lease_offer::str() const {
    std::string out(opening);
    out += owner_.str() + ":" + std::to_string(fence_.value()) + ":" +
           std::to_string(ttl_.span().count()) + ":" + std::to_string(terms_.cool_down.count()) +
           ":" + std::to_string(terms_.barging.count()) + ":";
    return out + name_.str();
}

result<lease_offer> lease_offer::parse(std::string_view text) {
    if (!text.starts_with(opening)) return errc::invalid_argument;
    text.remove_prefix(opening.size());
    const auto owner_text = take_field(text);
    if (!owner_text) return errc::invalid_argument;
    const auto owner = owner_id::parse(*owner_text);
    std::array<std::optional<std::int64_t>, 4> numbers;
    for (auto& number : numbers) number = take_number(text);
    for (const auto& number : numbers)
        if (!number) return errc::invalid_argument;
    const auto ttl = lease_ttl::parse(milliseconds{*numbers[1]});
    auto name = lock_name::parse(text);
    if (!owner || !ttl || !name) return errc::invalid_argument;
    const lock_terms terms{milliseconds{*numbers[2]}, milliseconds{*numbers[3]}};
    if (terms.cool_down > hours{24} || terms.barging > hours{24}) return errc::invalid_argument;
    return lease_offer(std::move(*name), *owner,
                       fencing_token(static_cast<std::uint64_t>(*numbers[0])), *ttl, terms);
}

}  // namespace holdfast
