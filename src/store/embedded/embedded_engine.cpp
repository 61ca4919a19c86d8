// One script at a time: run, record, answer, then deliver.
#include "store/embedded/embedded_engine.hpp"

#include "store/embedded/replay.hpp"

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

embedded_engine::embedded_engine() : embedded_engine(options{}) {}

embedded_engine::embedded_engine(options opts)
    : options_(std::move(opts)), scripts_(options_.script_limits), budget_(options_.max_memory) {
    if (!options_.log) return;
    scripts_.set_log([log = *options_.log](int level, std::string_view message) {
        if (level >= 3)
            log.warn("script.log", {{"message", std::string(message)}});
        else
            log.info("script.log", {{"message", std::string(message)}});
    });
}

result<std::shared_ptr<embedded_engine>> embedded_engine::open(const std::string& folder,
                                                               options opts, const logger& log,
                                                               wall_time now, std::string& why) {
    const auto journal_opts = opts.journal;
    auto engine = std::make_shared<embedded_engine>(std::move(opts));
    auto journal = disk_journal::open(folder, journal_opts, log, engine->keys_, why);
    if (!journal) return journal.error();
    engine->journal_ = std::move(*journal);
    const auto last = engine->journal_->last_at();
    if (last && now < *last) {
        engine->keys_.record_into(&engine->effects_);
        engine->keys_.shift_expiries(std::chrono::floor<milliseconds>(now - *last));
        if (engine->commit(now)) {
            why = "cannot write the journal in " + folder + "; the disk refuses; free some space";
            return errc::store_unavailable;
        }
    }
    return engine;
}

answer embedded_engine::call(const script& what, std::span<const std::string> keys,
                             std::span<const std::string> args, wall_time now) {
    const std::lock_guard lock(mutex_);
    auto answered = run_locked(what, keys, args, now);
    if (answered.is_error() && options_.log)
        options_.log->warn("script.error",
                           {{"script", std::string(what.name)}, {"error", answered.text}});
    return answered;
}

result<reply> embedded_engine::run(const script& what, std::span<const std::string> keys,
                                   std::span<const std::string> args, wall_time now) {
    return to_reply(call(what, keys, args, now));
}

answer embedded_engine::run_locked(const script& what, std::span<const std::string> keys,
                                   std::span<const std::string> args, wall_time now) {
    const auto refused = [] { return answer::error("MISCONF the journal cannot be written"); };
    if (lost_) return refused();
    if (journal_failing_) try_journal_again(now);
    keys_.set_now(now);
    keys_.set_expiry_mode(journal_failing_ ? keyspace::expiry::hidden : keyspace::expiry::live);
    const bool recording = options_.history > 0 || journal_ || budget_.limited();
    keys_.record_into(recording ? &effects_ : nullptr);
    keys_.expire_due(expired_per_script);
    context c{keys_, outbox_};
    c.out_of_memory = out_of_memory_ || budget_.full(keys_);
    c.read_only = journal_failing_;
    auto answered = scripts_.run(what, keys, args, c);
    if (commit(now)) {
        undo();
        return refused();
    }
    outbox_.send();
    return answered;
}

error_code embedded_engine::commit(wall_time now) {
    if (effects_.empty()) return {};
    if (journal_) {
        if (auto ec = journal_->append(effects_.bytes(), now)) return ec;
        if (journal_->wants_compaction()) journal_->begin_compaction(keyspace(keys_));
    }
    budget_.wrote(effects_.bytes().size());
    if (options_.history > 0) remember_write();
    effects_.clear();
    return {};
}

// What can no longer be rolled back goes into the base, many writes at a time. The base is brought
// up to date rather than copied anew: a copy takes all keys, and there may be many.
void embedded_engine::remember_write() {
    ++writes_;
    history_.push_back(effects_.bytes());
    if (history_.size() < 2 * options_.history) return;
    const auto kept = history_.end() - static_cast<std::ptrdiff_t>(options_.history);
    for (auto old = history_.begin(); old != kept; ++old) replay(history_base_, *old);
    history_.erase(history_.begin(), kept);
}

// The script has run in memory but will not be acknowledged: back to what the journal says.
void embedded_engine::undo() {
    effects_.clear();
    outbox_.drop();
    keys_ = keyspace();
    journal_failing_ = true;
    lost_ = static_cast<bool>(journal_->reload(keys_));
    budget_.forget();
}

// An empty record shows whether writing works again; replay passes over it.
void embedded_engine::try_journal_again(wall_time now) {
    journal_failing_ = static_cast<bool>(journal_->append({}, now));
}

void embedded_engine::compact() {
    const auto begin = [this] {
        const std::lock_guard lock(mutex_);
        return journal_->begin_compaction(keyspace(keys_));
    };
    if (!journal_) return;
    while (!begin())
        journal_->wait_for_compaction();  // one that began earlier lacks the last writes
    journal_->wait_for_compaction();
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

void embedded_engine::look(const std::function<void(const keyspace&)>& at) const {
    const std::lock_guard lock(mutex_);
    at(keys_);
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
    writes_ = 0;
    budget_.forget();
}

void embedded_engine::begin_history() {
    const std::lock_guard lock(mutex_);
    writes_ = 0;
}

std::size_t embedded_engine::writes() const {
    const std::lock_guard lock(mutex_);
    return writes_;
}

void embedded_engine::roll_back(std::size_t writes) {
    const std::lock_guard lock(mutex_);
    const auto lost = std::min({writes, writes_, history_.size()});
    history_.resize(history_.size() - lost);
    writes_ -= lost;
    keys_ = keyspace(history_base_);
    for (const auto& recorded : history_) replay(keys_, recorded);
    budget_.forget();
}

void embedded_engine::set_out_of_memory(bool full) {
    const std::lock_guard lock(mutex_);
    out_of_memory_ = full;
}

}  // namespace holdfast::embedded
