// Arguments in, replies out; what they mean is written at the head of each script.
#include "schedule/job_store.hpp"

#include "schedule_scripts.hpp"

#include <array>
#include <utility>

namespace holdfast::schedule {
namespace {

namespace lua = holdfast::scripts::schedule;

constexpr std::array<std::pair<std::string_view, code>, 17> code_names{{
    {"CLAIMED", code::claimed},
    {"TAKEN", code::taken},
    {"BEHIND", code::behind},
    {"EARLY", code::early},
    {"SKEW", code::skew},
    {"STALE", code::stale},
    {"MISSING", code::missing},
    {"PAUSED", code::paused},
    {"OVERLAP", code::overlap},
    {"REPLACING", code::replacing},
    {"OVERLAPPED", code::overlapped},
    {"SETTLED", code::settled},
    {"NONE", code::none},
    {"ADOPTED", code::adopted},
    {"ABANDONED", code::abandoned},
    {"BUSY", code::busy},
    {"REGISTERED", code::registered},
}};

code code_of(std::string_view text) {
    for (const auto& [name, value] : code_names)
        if (name == text) return value;
    return code::unknown;
}

result<firing_answer> to_answer(const result<reply>& raw) {
    if (!raw) return raw.error();
    const auto& r = raw.value();
    firing_answer a;
    a.what = code_of(r[0].as_text());
    if (a.what == code::unknown) return errc::protocol_error;
    a.number = r[1].as_integer();
    a.last = from_unix_ms(r[2].as_integer());
    a.who = r[3].as_text();
    a.store_now = from_unix_ms(r[4].as_integer());
    if (!r[5].is_nil()) a.attempt = static_cast<unsigned>(r[5].as_integer());
    a.manual = r[6].as_text().starts_with("manual");
    a.manual_waiting = r[7].as_integer();
    return a;
}

std::string filtered(std::string_view text, unsigned char lowest) {
    std::string out(text.substr(0, 200));
    for (auto& c : out)
        if (static_cast<unsigned char>(c) < lowest || c == 0x7f) c = lowest == ' ' ? ' ' : '_';
    return out;
}

}  // namespace

job_keys::job_keys(const std::string& prefix, const job_name& job)
    : register_(prefix + "j:{" + job.str() + "}"),
      leases(register_ + ":leases"),
      runs(register_ + ":runs"),
      ledger(register_ + ":ledger"),
      outputs(register_ + ":outputs"),
      asked(register_ + ":asked") {}

std::string plain_word(std::string_view text) { return filtered(text, ' ' + 1); }
std::string plain_line(std::string_view text) { return filtered(text, ' '); }

task<result<registration_answer>> job_store::enrol(registration_request q) {
    script_keys keys(keys_.register_);
    script_args args(q.schedule, q.definition, q.version, q.node, to_unix_ms(q.floor),
                     q.run_on_start ? "1" : "0", q.max_skew.count(), q.highest_generation,
                     q.own_generation, to_unix_ms(q.anchor));
    const auto raw = co_await store_->run(lua::enrol, std::move(keys), std::move(args));
    if (!raw) co_return raw.error();
    const auto& r = raw.value();
    registration_answer a;
    a.what = code_of(r[0].as_text());
    if (a.what != code::registered && a.what != code::stale) co_return errc::protocol_error;
    a.generation = r[1].as_integer();
    a.last = from_unix_ms(r[2].as_integer());
    a.who = r[3].as_text();
    a.store_now = from_unix_ms(r[4].as_integer());
    a.anchor = from_unix_ms(r[5].as_integer());
    a.first = from_unix_ms(r[6].as_integer());
    a.created = r[7].as_text() == "1";
    co_return a;
}

task<result<firing_answer>> job_store::claim(claim_request q) {
    script_keys keys(keys_.register_, keys_.leases, keys_.runs, keys_.ledger);
    script_args args(to_unix_ms(q.fire_time), q.token, q.node, q.lease.count(),
                     to_unix_ms(q.caller_now), q.max_skew.count(), to_unix_ms(q.floor),
                     q.generation, q.overlap, q.highest_fence, q.keep_history,
                     to_unix_ms(q.missed.newest), to_unix_ms(q.missed.oldest), q.missed.count,
                     q.missed.reason, store_->fleet_channel(), job_.str());
    const auto raw = co_await store_->run(lua::claim, std::move(keys), std::move(args));
    co_return to_answer(raw);
}

task<result<firing_answer>> job_store::skip(missed_batch m, std::string node,
                                            std::int64_t generation, unsigned keep_history) {
    script_keys keys(keys_.register_, keys_.ledger);
    script_args args(to_unix_ms(m.newest), to_unix_ms(m.oldest), m.count, m.reason, node,
                     generation, keep_history, store_->fleet_channel(), job_.str());
    const auto raw = co_await store_->run(lua::skip, std::move(keys), std::move(args));
    co_return to_answer(raw);
}

task<result<firing_answer>> job_store::take(claim_request q) {
    script_keys keys(keys_.register_, keys_.leases, keys_.runs, keys_.asked);
    script_args args(q.token, q.node, q.lease.count(), q.generation, q.overlap, q.highest_fence,
                     store_->fleet_channel(), job_.str());
    const auto raw = co_await store_->run(lua::take, std::move(keys), std::move(args));
    co_return to_answer(raw);
}

task<result<firing_answer>> job_store::adopt(adopt_request q) {
    script_keys keys(keys_.register_, keys_.leases, keys_.runs, keys_.ledger, keys_.asked);
    script_args args(q.node, q.token, q.on_crash, q.max_attempts, q.start_deadline.count(),
                     q.overlap, q.lease.count(), q.generation, q.highest_fence, q.keep_history,
                     store_->fleet_channel(), job_.str());
    const auto raw = co_await store_->run(lua::adopt, std::move(keys), std::move(args));
    co_return to_answer(raw);
}

task<result<bool>> job_store::start(std::string token, milliseconds lease) {
    script_keys keys(keys_.leases, keys_.runs);
    script_args args(token, lease.count());
    const auto raw = co_await store_->run(lua::start, std::move(keys), std::move(args));
    if (!raw) co_return raw.error();
    co_return raw.value()[0].as_text() == "STARTED";
}

task<result<beat>> job_store::heartbeat(std::string token, std::uint64_t fence,
                                        milliseconds lease) {
    script_keys keys(keys_.leases, keys_.register_, keys_.runs);
    script_args args(token, fence, lease.count());
    const auto raw = co_await store_->run(lua::heartbeat, std::move(keys), std::move(args));
    if (!raw) co_return raw.error();
    const auto text = raw.value()[0].as_text();
    co_return text == "EXTENDED" ? beat::extended : text == "STOP" ? beat::stop : beat::lost;
}

task<result<completion_answer>> job_store::complete(completion c) {
    script_keys keys(keys_.register_, keys_.leases, keys_.runs, keys_.ledger, keys_.outputs);
    script_args args(c.token, c.outcome, c.exit_code, c.duration.count(), plain_line(c.detail),
                     c.output, c.keep_history, c.keep_outputs, store_->fleet_channel(), job_.str(),
                     c.next_token, c.next_lease.count(), to_unix_ms(c.fire_time), c.highest_fence,
                     c.overlap);
    const auto raw = co_await store_->run(lua::complete, std::move(keys), std::move(args));
    if (!raw) co_return raw.error();
    const auto text = raw.value()[0].as_text();
    completion_answer a;
    a.what = text == "DONE" ? completed::done : text == "NEXT" ? completed::next : completed::lost;
    a.fence = static_cast<std::uint64_t>(raw.value()[1].as_integer());
    co_return a;
}

task<result<void>> job_store::release(std::string token) {
    script_keys keys(keys_.leases);
    script_args args(token, store_->fleet_channel(), job_.str());
    const auto raw = co_await store_->run(lua::release, std::move(keys), std::move(args));
    if (!raw) co_return raw.error();
    co_return result<void>();
}

task<result<void>> add_to_catalogue(store& s, job_name job) {
    script_keys keys(s.prefix() + "j:names");
    script_args args(job.str());
    const auto raw = co_await s.run(lua::catalogue, std::move(keys), std::move(args));
    if (!raw) co_return raw.error();
    co_return result<void>();
}

task<result<std::vector<std::string>>> read_catalogue(store& s) {
    script_keys keys(s.prefix() + "j:names");
    script_args args("");
    const auto raw = co_await s.run(lua::catalogue, std::move(keys), std::move(args));
    if (!raw) co_return raw.error();
    std::vector<std::string> names;
    for (const auto& item : raw.value().items()) names.emplace_back(item.as_text());
    co_return names;
}

task<result<std::vector<std::string>>> say_presence(store& s, presence_request q) {
    script_keys keys(s.prefix() + "j:nodes");
    script_args args(q.member, q.ttl.count(), q.former);
    const auto raw = co_await s.run(lua::presence, std::move(keys), std::move(args));
    if (!raw) co_return raw.error();
    std::vector<std::string> members;
    const auto& items = raw.value().items();
    for (std::size_t i = 1; i < items.size(); ++i) members.emplace_back(items[i].as_text());
    co_return members;
}

}  // namespace holdfast::schedule
