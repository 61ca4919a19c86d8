// One pass over a payload of known shape.
#include "token/jws/own_claims.hpp"

#include "token/jws/claim_limits.hpp"

#include <array>
#include <cstring>

namespace holdfast {
namespace {

enum : unsigned char { text_byte = 1, id_byte = 2 };

constexpr std::array<unsigned char, 256> classify() {
    std::array<unsigned char, 256> table{};
    for (unsigned c = 0x20; c < 0x7f; ++c) table[c] = text_byte;
    table['"'] = table['\\'] = 0;
    for (unsigned c = '0'; c <= '9'; ++c) table[c] |= id_byte;
    for (unsigned c = 'a'; c <= 'z'; ++c) table[c] |= id_byte, table[c - 32] |= id_byte;
    table['-'] |= id_byte;
    table['_'] |= id_byte;
    return table;
}

constexpr auto classes = classify();

class own_scan {
public:
    explicit own_scan(std::string_view payload) noexcept
        : at_(payload.data()), end_(payload.data() + payload.size()) {}

    bool literal(std::string_view text) noexcept {
        if (left() < text.size() || std::memcmp(at_, text.data(), text.size()) != 0) return false;
        at_ += text.size();
        return true;
    }
    /// Up to the closing quote, which it eats: 1 to `most` bytes of one class.
    bool text(unsigned char of, std::size_t most, std::string_view& into) noexcept {
        const char* const begin = at_;
        while (at_ != end_ && (classes[static_cast<unsigned char>(*at_)] & of) != 0) ++at_;
        into = {begin, static_cast<std::size_t>(at_ - begin)};
        if (into.empty() || into.size() > most || at_ == end_ || *at_ != '"') return false;
        ++at_;
        return true;
    }
    bool text(std::optional<json_text>& into) noexcept {
        std::string_view read;
        if (!text(text_byte, claim_limits::text_bytes, read)) return false;
        into.emplace(read);
        return true;
    }
    bool number(std::uint64_t most, std::uint64_t& into) noexcept {
        constexpr int most_digits = 16;  // of 2^53; far from overflow
        const char* const begin = at_;
        into = 0;
        while (at_ != end_ && *at_ >= '0' && *at_ <= '9' && at_ - begin <= most_digits)
            into = into * 10 + static_cast<std::uint64_t>(*at_++ - '0');
        const auto digits = at_ - begin;
        const bool padded = digits > 1 && *begin == '0';
        return digits > 0 && digits <= most_digits && !padded && into <= most;
    }
    bool time(std::optional<std::int64_t>& into) noexcept {
        std::uint64_t read = 0;
        if (!number(static_cast<std::uint64_t>(claim_limits::end_of_year_9999), read)) return false;
        into = static_cast<std::int64_t>(read);
        return true;
    }
    bool at_end() const noexcept { return at_ == end_; }

private:
    std::size_t left() const noexcept { return static_cast<std::size_t>(end_ - at_); }
    const char* at_;
    const char* end_;
};

bool read_session(own_scan& in, claims_view& out) noexcept {
    std::string_view sid;
    if (!in.text(id_byte, claim_limits::sid_bytes, sid)) return false;
    out.sid.emplace(sid);
    return in.literal(R"(,"gen":)") && in.number(claim_limits::most_count, out.generation) &&
           in.literal(R"(,"ue":)") && in.number(claim_limits::most_count, out.user_epoch);
}

bool read_audience(own_scan& in, claims_view& out) noexcept {
    std::string_view one;
    if (!in.text(text_byte, claim_limits::text_bytes, one)) return false;
    out.audience = json_value{json_kind::string, one, false};
    return true;
}

}  // namespace

bool read_own_claims(std::string_view payload, claims_view& out) noexcept {
    own_scan in(payload);
    if (!in.literal(R"({"iss":")") || !in.text(out.guard)) return false;
    if (!in.literal(R"(,"sub":")") || !in.text(out.subject)) return false;
    if (in.literal(R"(,"aud":")") && !read_audience(in, out)) return false;
    if (!in.literal(R"(,"exp":)") || !in.time(out.expires_at)) return false;
    if (in.literal(R"(,"nbf":)") && !in.time(out.not_before)) return false;
    if (in.literal(R"(,"iat":)") && !in.time(out.issued_at)) return false;
    if (in.literal(R"(,"auth_time":)") && !in.time(out.auth_time)) return false;
    if (in.literal(R"(,"jti":")") && !in.text(out.jti)) return false;
    if (in.literal(R"(,"sid":")") && !read_session(in, out)) return false;
    return in.literal("}") && in.at_end();
}

}  // namespace holdfast
