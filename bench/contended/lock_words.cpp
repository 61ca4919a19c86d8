// A locker over the embedded store, with somebody who listens to what goes by.
#include "contended/lock_words.hpp"

#include "holdfast/locker.hpp"
#include "lock_scripts.hpp"
#include "store/embedded/embedded_store.hpp"
#include "support/run.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <cstdio>
#include <map>
#include <stdexcept>
#include <string_view>

namespace holdfast::bench {
namespace {

const std::string recorded_lock = "the-recorded-lock";
const std::string recorded_channel = "the-recorded-channel";

/// Passes everything on and remembers the last call of each script.
class listening_store final : public store {
public:
    listening_store(runtime& rt, std::shared_ptr<embedded::embedded_engine> engine)
        : next_(rt, std::move(engine), "hf:") {}

    task<result<reply>> run(const script& what, script_keys keys, script_args args) override {
        std::vector<std::string> words{"EVALSHA", std::string(what.sha1),
                                       std::to_string(keys.values().size())};
        words.insert(words.end(), keys.values().begin(), keys.values().end());
        words.insert(words.end(), args.values().begin(), args.values().end());
        last_[what.name] = recorded_call(std::move(words), std::string(what.text));
        return next_.run(what, std::move(keys), std::move(args));
    }
    const std::string& process_channel() const noexcept override { return recorded_channel; }
    const std::string& fleet_channel() const noexcept override { return next_.fleet_channel(); }
    const std::string& prefix() const noexcept override { return next_.prefix(); }
    push_dispatcher& pushes() noexcept override { return next_.pushes(); }
    std::uint64_t epoch() const noexcept override { return next_.epoch(); }
    bool connected() const noexcept override { return next_.connected(); }
    task<void> close() override { return next_.close(); }

    bool called(const script& what) const { return last_.contains(what.name); }
    const recorded_call& last(const script& what) const { return last_.at(what.name); }

private:
    std::map<std::string_view, recorded_call> last_;
    embedded_store next_;
};

/// Two processes, one lock.
struct rehearsal {
    explicit rehearsal(milliseconds span) : ttl(span) {}
    lease_ttl ttl;
    test::real_world world;
    asio_runtime& rt = world.runtime;
    std::shared_ptr<embedded::embedded_engine> engine =
        std::make_shared<embedded::embedded_engine>();
    listening_store first_store{rt, engine};
    listening_store second_store{rt, engine};
    locker first{rt, first_store};
    locker second{rt, second_store};

    lease take() {
        auto held = world.run(first.acquire(lock_name(recorded_lock), ttl));
        return std::move(held).value();
    }
};

std::string replaced(std::string in, const std::string& what, const std::string& with) {
    for (auto at = in.find(what); at != in.npos; at = in.find(what, at + with.size()))
        in.replace(at, what.size(), with);
    return in;
}

}  // namespace

std::vector<std::string> recorded_call::with(const std::string& owner, const std::string& lock,
                                             const std::string& channel) const {
    auto words = words_;
    for (auto& word : words) {
        word = replaced(std::move(word), owner_, owner);
        word = replaced(std::move(word), recorded_lock, lock);
        word = replaced(std::move(word), recorded_channel, channel);
    }
    return words;
}

lock_words lock_words::record(milliseconds ttl) {
    rehearsal play(ttl);
    lock_words words;
    // The second time: the first over a connection asks for more than the later ones.
    const bool began = play.world.run(play.first.release(play.take())).value();
    auto held = play.take();
    held = play.world.run(play.first.extend(std::move(held))).value();
    const auto owner = held.owner().str();

    // The member tells of a time limit too, so this one waits without one and is cancelled.
    boost::asio::cancellation_signal give_up;
    play.second.async_acquire(
        lock_name(recorded_lock), play.ttl,
        boost::asio::bind_cancellation_slot(give_up.slot(), [](error_code, lease) {}));
    play.world.context.restart();
    while (!play.second_store.called(scripts::lock::acquire)) play.world.context.run_one();
    give_up.emit(boost::asio::cancellation_type::terminal);
    while (!play.second_store.called(scripts::lock::cancel_wait)) play.world.context.run_one();

    const bool ended = play.world.run(play.first.release(std::move(held))).value();
    if (!began || !ended) throw std::logic_error("the rehearsal of the lock calls failed");
    words.acquire = play.first_store.last(scripts::lock::acquire);
    words.claim = play.first_store.last(scripts::lock::extend);
    words.release = play.first_store.last(scripts::lock::release);
    words.acquire.owner_ = words.claim.owner_ = words.release.owner_ = owner;
    words.leave = play.second_store.last(scripts::lock::cancel_wait);
    words.leave.owner_ = words.leave.words_[3 + std::stoul(words.leave.words_[2])];
    return words;
}

std::string owner_number(unsigned number) {
    char text[33];
    std::snprintf(text, sizeof text, "%032x", number);
    return text;
}

}  // namespace holdfast::bench
