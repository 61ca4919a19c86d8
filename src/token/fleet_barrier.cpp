// Reads the nodes' acknowledgements until all are past the position.
#include "token/fleet_barrier.hpp"

#include "token_scripts.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace holdfast {
namespace {

constexpr milliseconds look_again{20};
constexpr seconds longest_wait{10};

bool read_number(std::string_view text, std::int64_t& out) {
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), out);
    return failed == std::errc{} && end == text.data() + text.size();
}

task<result<bool>> all_have_passed(session_store& sessions, const feed_position& position) {
    script_keys keys(sessions.keys().nodes());
    const auto answer =
        co_await sessions.shared().run(scripts::token::nodes, std::move(keys), script_args());
    if (!answer) co_return answer.error();
    const auto now_ms = (*answer)[0].integer();
    if (!now_ms) co_return errc::protocol_error;
    const auto& items = (*answer)[1].items();
    for (std::size_t i = 1; i < items.size(); i += 2) {
        const auto node = parse_node_report(items[i].as_text());
        if (node && !has_passed(*node, position, *now_ms)) co_return false;
    }
    co_return true;
}

}  // namespace

std::optional<node_report> parse_node_report(std::string_view text) {
    std::array<std::string_view, 4> part;
    for (std::size_t i = 0; i < part.size(); ++i) {
        const auto blank = std::min(text.find(' '), text.size());
        part[i] = text.substr(0, blank);
        text.remove_prefix(std::min(blank + 1, text.size()));
    }
    node_report report;
    report.born = part[1];
    if (!read_number(part[0], report.applied) || !read_number(part[2], report.at_ms) ||
        !read_number(part[3], report.staleness_ms))
        return std::nullopt;
    return report;
}

bool has_passed(const node_report& node, const feed_position& position, std::int64_t now_ms) {
    if (node.staleness_ms == 0) return true;
    if (node.born == position.born && node.applied >= position.number) return true;
    // Its freshness began at or before the probe that carried this report.
    return now_ms - node.at_ms > node.staleness_ms;
}

task<result<void>> wait_until_applied(session_store& sessions, feed_position position) {
    auto& rt = sessions.local();
    const auto give_up = rt.now() + longest_wait;
    for (;;) {
        const auto passed = co_await all_have_passed(sessions, position);
        if (!passed) co_return passed.error();
        if (*passed) co_return result<void>{};
        if (rt.now() >= give_up) co_return errc::timed_out;
        co_await rt.sleep_until(rt.now() + look_again);
    }
}

}  // namespace holdfast
