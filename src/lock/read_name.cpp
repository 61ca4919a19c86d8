// Members, side keys and entries as grant.lua and holders.lua write them.
#include "lock/read_name.hpp"

#include "lock/stored_text.hpp"

#include <array>
#include <utility>

namespace holdfast {
namespace {

constexpr milliseconds side_key_kept = hours{24};  // side_kept_ms of grant.lua

constexpr std::array<std::pair<std::string_view, lock_family>, 7> kinds{{
    {"", lock_family::none},
    {"mutex", lock_family::mutex},
    {"election", lock_family::election},
    {"rw", lock_family::rw},
    {"semaphore", lock_family::semaphore},
    {"latch", lock_family::latch},
    {"barrier", lock_family::barrier},
}};

std::uint64_t count_of(const reply& value) {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(value.as_integer(), 0));
}

milliseconds take_span(std::string_view& terms) {
    return milliseconds{whole_number(take_part(terms, ','))};
}

/// The last in line of what two fields tell: the lease with its cool-down, and the cool-down.
struct terms_read {
    milliseconds lease;
    milliseconds patience;
    milliseconds head_start;
    milliseconds cool_down;
    explicit terms_read(std::string_view terms)
        : lease(take_span(terms)),
          patience(take_span(terms)),
          head_start(take_span(terms)),
          cool_down(take_span(terms)) {}
};

lock_waiter read_waiter(std::string_view member, std::int64_t ticket, std::int64_t now) {
    lock_waiter waiter;
    waiter.owner = take_part(member);
    const terms_read terms(take_part(member));
    waiter.ttl = terms.lease - terms.cool_down;
    waiter.head_start = terms.head_start;
    auto signed_by = read_signature(take_part(member));
    waiter.who = std::move(signed_by.who);
    waiter.trace = std::move(signed_by.trace);
    const auto came = microseconds{ticket} + waiter.head_start;
    waiter.waited = std::max(microseconds{now} - came, microseconds{0});
    if (terms.patience.count() > 0)
        waiter.gives_up_in = std::max(
            std::chrono::floor<milliseconds>(terms.patience - waiter.waited), milliseconds{0});
    return waiter;
}

// The side key describes the holder only if it names it: a plain client leaves it as it was.
void read_holder(lock_info& info, std::string_view side, std::int64_t side_ttl) {
    auto grant = take_part(side);
    const auto fence = take_part(grant, ',');
    info.foreign = take_part(side) != info.owner;
    if (info.foreign) return;
    info.fence = fencing_token(static_cast<std::uint64_t>(whole_number(fence)));
    const auto mean = take_part(grant, ',');
    if (!mean.empty()) info.mean_hold = microseconds{whole_number(mean)};
    info.revoke_requested = grant == "r";
    info.cool_down = terms_read(take_part(side)).cool_down;
    auto signed_by = read_signature(take_part(side));
    info.who = std::move(signed_by.who);
    info.trace = std::move(signed_by.trace);
    if (side_ttl > 0) info.held_for = side_key_kept - milliseconds{side_ttl};
}

lock_info read_mutex(const lock_name& name, const reply& part, std::int64_t now) {
    lock_info info{name.str()};
    info.owner = std::string(part[0].as_text());
    info.held = !info.owner.empty();
    const auto ttl = part[1].as_integer();
    if (info.held && ttl >= 0) info.ends_in = milliseconds{ttl};
    if (info.held) read_holder(info, part[2].as_text(), part[3].as_integer());
    info.queue_length = count_of(part[4]);
    const auto& queue = part[5].items();
    for (std::size_t i = 0; i + 1 < queue.size(); i += 2)
        info.queue.push_back(
            read_waiter(queue[i].as_text(), whole_number(queue[i + 1].as_text()), now));
    return info;
}

sharing_party read_share(std::string_view member) {
    sharing_party party;
    party.owner = take_part(member);
    party.ttl = milliseconds{whole_number(take_part(member))};
    const auto mode = take_part(member);
    if (!mode.empty()) party.mode = mode[0];
    party.weight = static_cast<std::uint32_t>(whole_number(take_part(member)));
    auto signed_by = read_signature(take_part(member));
    party.who = std::move(signed_by.who);
    party.trace = std::move(signed_by.trace);
    return party;
}

sharing_party read_sharer(std::string_view entry, std::int64_t ends, std::int64_t now) {
    const auto fence = take_part(entry);
    take_part(entry);  // the attempt that upgraded it
    auto party = read_share(entry);
    party.fence = fencing_token(static_cast<std::uint64_t>(whole_number(fence)));
    party.ends_in = milliseconds{ends - now / 1000};
    return party;
}

sharing_party read_visitor(std::string_view member) {
    sharing_party party;
    party.mode = '-';
    party.owner = take_part(member);
    auto signed_by = read_signature(take_part(member));
    party.who = std::move(signed_by.who);
    party.trace = std::move(signed_by.trace);
    return party;
}

void read_queue(name_info& info, const reply& queue, std::int64_t now) {
    const bool meets = info.kind == lock_family::latch || info.kind == lock_family::barrier;
    const auto& items = queue.items();
    for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
        const auto member = items[i].as_text();
        auto party = meets ? read_visitor(member) : read_share(member);
        const auto score = whole_number(items[i + 1].as_text());
        if (info.kind == lock_family::barrier)
            party.ends_in = milliseconds{score - now / 1000};
        else
            party.waited = microseconds{std::max<std::int64_t>(now - score, 0)};
        info.shares.queue.push_back(std::move(party));
    }
}

void read_shares(name_info& info, const reply& part, std::int64_t now) {
    auto& shares = info.shares;
    if (part[0].as_integer() >= 0)
        shares.capacity = static_cast<std::uint32_t>(part[0].as_integer());
    shares.in_use = count_of(part[1]);
    shares.holder_count = count_of(part[2]);
    shares.queue_length = count_of(part[3]);
    const auto& holders = part[4].items();
    for (std::size_t i = 0; i + 2 < holders.size(); i += 3) {
        auto party =
            read_sharer(holders[i + 2].as_text(), whole_number(holders[i + 1].as_text()), now);
        // Those whose leases have ended come first; the next script that looks drops them.
        if (party.ends_in <= milliseconds{0})
            shares.in_use -= std::min<std::uint64_t>(party.weight, shares.in_use);
        if (party.owner == part[7].as_text()) party.mode = 'U';
        shares.holders.push_back(std::move(party));
    }
    read_queue(info, part[5], now);
    shares.last_fence = fencing_token(count_of(part[6]));  // a counter may have expired
    for (const auto& holder : shares.holders)
        shares.last_fence = std::max(shares.last_fence, holder.fence);
}

}  // namespace

std::string_view name_of(lock_family kind) noexcept {
    for (const auto& [name, value] : kinds)
        if (value == kind) return kind == lock_family::none ? "free" : name;
    return "free";
}

result<name_info> read_name(const lock_name& name, const reply& answer) {
    const auto known =
        std::ranges::find(kinds, answer[0].as_text(), [](const auto& kind) { return kind.first; });
    if (known == kinds.end()) return errc::wrong_type;
    name_info info{name.str(), known->second};
    const auto now = whole_number(answer[1].as_text());
    info.mutex = read_mutex(name, answer[2], now);
    info.leader_value = std::string(answer[2][6].as_text());
    read_shares(info, answer[3], now);
    info.meeting = {count_of(answer[4][0]), count_of(answer[4][1]), count_of(answer[4][2])};
    return info;
}

}  // namespace holdfast
