// Tolerance, and no more of it than two clocks need.
#include "store/embedded/differential/alike.hpp"

#include "store/embedded/engine_fixture.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <optional>

namespace holdfast::test {
namespace {

using embedded::answer;

constexpr std::int64_t tolerance_ms = 15'000;

std::optional<std::int64_t> number_of(const answer& from) {
    if (from.type == answer::kind::integer) return from.number;
    if (from.type != answer::kind::bulk) return std::nullopt;
    std::int64_t number = 0;
    const auto* end = from.text.data() + from.text.size();
    const auto [stop, failed] = std::from_chars(from.text.data(), end, number);
    if (failed != std::errc() || stop != end) return std::nullopt;
    return number;
}

// The sign of "not a number" is LuaJIT's own.
std::string without_signed_nan(std::string text) {
    for (auto at = text.find("-nan"); at != text.npos; at = text.find("-nan", at))
        text.erase(at, 1);
    return text;
}

// A life of a key: longer than anything that is counted, shorter than any instant.
bool same_span(const answer& ours, const answer& theirs) {
    const auto a = number_of(ours), b = number_of(theirs);
    const auto is_span = [](std::int64_t n) { return n > 1000 && n < 2'000'000'000; };
    return a && b && is_span(*a) && is_span(*b) && std::abs(*a - *b) < tolerance_ms;
}

bool same_error(std::string ours, std::string theirs) {
    for (auto* text : {&ours, &theirs}) *text = text->substr(0, text->find(" script: "));
    if (ours == theirs) return true;
    const bool from_lua = ours.find("user_script:") != ours.npos;
    return from_lua && ours.starts_with("ERR") && theirs.starts_with("ERR");
}

void leaves(const answer& from, std::vector<std::string>& into) {
    if (from.type == answer::kind::array)
        for (const auto& item : from.items) leaves(item, into);
    else if (!same_span(from, from))
        into.push_back(without_signed_nan(to_line(from)));
}

bool same_leaves(const answer& ours, const answer& theirs) {
    std::vector<std::string> a, b;
    leaves(ours, a);
    leaves(theirs, b);
    std::sort(a.begin(), a.end());
    std::sort(b.begin(), b.end());
    return a == b;
}

}  // namespace

bool alike(const answer& ours, const answer& theirs, bool any_order) {
    if (ours.type != theirs.type) return false;
    if (ours.is_error()) return same_error(ours.text, theirs.text);
    if (same_span(ours, theirs)) return true;
    if (ours.type != answer::kind::array)
        return ours.number == theirs.number &&
               without_signed_nan(ours.text) == without_signed_nan(theirs.text);
    if (any_order) return same_leaves(ours, theirs);
    return std::equal(ours.items.begin(), ours.items.end(), theirs.items.begin(),
                      theirs.items.end(),
                      [](const answer& a, const answer& b) { return alike(a, b, false); });
}

}  // namespace holdfast::test
