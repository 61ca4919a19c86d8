// One script at a time: run, record, answer, then deliver.
#include "store/embedded/embedded_engine.hpp"

#include <algorithm>
#include <utility>

namespace holdfast::embedded {
namespace {

// Keys removed by each script because they are due, beyond those it touches: enough to keep up with
// scripts that each make a few, little enough to go unnoticed.
constexpr std::size_t expired_per_script = 20;

errc errc_of_text(std::string_view error) {
    const auto code = error.substr(0, error.find(' '));
    if (code == "WRONGTYPE") return errc::wrong_type;
    if (code == "OOM") return errc::out_of_memory;
    if (code == "MISCONF") return errc::store_unavailable;
    return errc::script_error;
}

reply convert(answer&& from) {
    switch (from.type) {
        case answer::kind::integer: return reply(from.number);
        case answer::kind::bulk:
        case answer::kind::status:
        case answer::kind::error: return reply(std::move(from.text));
        case answer::kind::array: {
            reply::array items;
            items.reserve(from.items.size());
            for (auto& item : from.items) items.push_back(convert(std::move(item)));
            return reply(std::move(items));
        }
        case answer::kind::nil: break;
    }
    return {};
}

}  // namespace

result<reply> to_reply(answer from) {
    if (from.is_error()) return errc_of_text(from.text);
    return convert(std::move(from));
}

bool replay(keyspace& onto, std::string_view recorded) {
    const subscribers nobody;
    outbox nowhere(nobody);
    context c{onto, nowhere};
    bool sound = true;
    onto.set_expiry_mode(keyspace::expiry::ignored);
    const bool complete = effects::for_each(recorded, [&](arguments command) {
        if (execute(c, command).is_error()) sound = false;
    });
    onto.set_expiry_mode(keyspace::expiry::live);
    return complete && sound;
}

embedded_engine::embedded_engine() : embedded_engine(options{}) {}

embedded_engine::embedded_engine(options opts) : options_(opts), scripts_(opts.script_limits) {}

answer embedded_engine::call(const script& what, std::span<const std::string> keys,
                             std::span<const std::string> args, wall_time now) {
    const std::lock_guard lock(mutex_);
    keys_.set_now(now);
    keys_.record_into(options_.keep_history ? &effects_ : nullptr);
    keys_.expire_due(expired_per_script);
    context c{keys_, outbox_};
    c.out_of_memory = out_of_memory_;
    auto answered = scripts_.run(what, keys, args, c);
    commit();
    outbox_.send();
    return answered;
}

result<reply> embedded_engine::run(const script& what, std::span<const std::string> keys,
                                   std::span<const std::string> args, wall_time now) {
    return to_reply(call(what, keys, args, now));
}

void embedded_engine::commit() {
    if (effects_.empty()) return;
    if (options_.keep_history) history_.push_back(effects_.bytes());
    effects_.clear();
}

std::uint64_t embedded_engine::subscribe(std::string_view channel,
                                         subscribers::listener on_message) {
    const std::lock_guard lock(mutex_);
    subscribers_.add(++last_subscriber_, channel, std::move(on_message));
    return last_subscriber_;
}

void embedded_engine::unsubscribe(std::uint64_t id) {
    const std::lock_guard lock(mutex_);
    subscribers_.remove(id);
}

keyspace embedded_engine::snapshot() const {
    const std::lock_guard lock(mutex_);
    return keys_;
}

void embedded_engine::restore(const keyspace& from) {
    const std::lock_guard lock(mutex_);
    keys_ = keyspace(from);
    history_base_ = keyspace(from);
    history_.clear();
}

std::size_t embedded_engine::writes() const {
    const std::lock_guard lock(mutex_);
    return history_.size();
}

void embedded_engine::roll_back(std::size_t writes) {
    const std::lock_guard lock(mutex_);
    history_.resize(history_.size() - std::min(writes, history_.size()));
    keys_ = keyspace(history_base_);
    for (const auto& recorded : history_) replay(keys_, recorded);
}

void embedded_engine::set_out_of_memory(bool full) {
    const std::lock_guard lock(mutex_);
    out_of_memory_ = full;
}

}  // namespace holdfast::embedded
