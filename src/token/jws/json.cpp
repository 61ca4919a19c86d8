// Readers over the strict JSON grammar.
#include "token/jws/json.hpp"

#include "token/jws/json_scan.hpp"

#include <charconv>

namespace holdfast {
namespace {

bool same_text(const json_text& a, const json_text& b) noexcept {
    if (!a.escaped) return b == a.raw;
    if (!b.escaped) return a == b.raw;
    json_scan::decoder left(a), right(b);
    // Both give their UTF-8 in pieces of different sizes: compare byte by byte.
    char l[4], r[4];
    std::size_t left_size = 0, left_at = 0, right_size = 0, right_at = 0;
    for (;;) {
        if (left_at == left_size) left_size = left.next(l), left_at = 0;
        if (right_at == right_size) right_size = right.next(r), right_at = 0;
        if (left_size == 0 || right_size == 0) return left_size == right_size;
        if (l[left_at++] != r[right_at++]) return false;
    }
}

}  // namespace

bool json_text::decodes_to(std::string_view plain) const noexcept {
    json_scan::decoder decoded(*this);
    char piece[4];
    while (const auto size = decoded.next(piece)) {
        if (!plain.starts_with(std::string_view(piece, size))) return false;
        plain.remove_prefix(size);
    }
    return plain.empty();
}

std::string json_text::str() const {
    if (!escaped) return std::string(raw);
    std::string text;
    text.reserve(raw.size());
    json_scan::decoder decoded(*this);
    char piece[4];
    while (const auto size = decoded.next(piece)) text.append(piece, size);
    return text;
}

std::optional<std::uint64_t> json_value::whole(std::uint64_t most) const noexcept {
    if (kind != json_kind::number) return std::nullopt;
    std::uint64_t number = 0;
    const char* end = raw.data() + raw.size();
    const auto [stop, ec] = std::from_chars(raw.data(), end, number);
    if (ec != std::errc() || stop != end || number > most) return std::nullopt;
    return number;
}

bool json_name_set::add(const json_text& name) noexcept {
    for (std::size_t i = 0; i < count_; ++i) {
        const auto& known = names_[i];
        const bool differs = !name.escaped && !known.escaped &&
                             (known.size != name.raw.size() || *known.text != *name.raw.data());
        if (!differs && same_text(name, json_text({known.text, known.size}, known.escaped)))
            return false;
    }
    if (count_ == names_.size()) return false;
    names_[count_++] = {name.raw.data(), static_cast<std::uint32_t>(name.raw.size()), name.escaped};
    return true;
}

bool json_object_reader::next(json_member& member) noexcept {
    json_scan::cursor in{at_, end_};
    const bool first = state_ == state::start;
    if (state_ == state::last) state_ = state::done;
    if (state_ == state::done || state_ == state::failed) return false;
    state_ = state::failed;
    if (first && !in.eat('{')) return false;
    if (first && in.eat('}')) {
        in.skip_space();
        if (in.at_end()) state_ = state::done;
        return false;
    }
    if (!json_scan::name(in, names_, member.name) || !json_scan::value(in, 1, member.value))
        return false;
    if (in.eat(',')) {
        state_ = state::inside;
    } else {
        if (!in.eat('}')) return false;
        in.skip_space();
        if (!in.at_end()) return false;
        state_ = state::last;
    }
    at_ = in.at;
    return true;
}

bool json_array_reader::next(json_value& item) noexcept {
    json_scan::cursor in{at_, end_};
    if (in.eat(']') || in.at_end()) return false;
    const bool read = json_scan::value(in, 1, item);
    in.eat(',');
    at_ = in.at;
    return read;
}

}  // namespace holdfast
