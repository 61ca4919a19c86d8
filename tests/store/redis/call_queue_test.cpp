// Who is told what when answers come late, never, or the connection goes.
#include "store/redis/call_queue.hpp"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

constexpr script some{"t/some", "0123456789012345678901234567890123456789", "return 1"};

struct asked : pending_call {
    asked(call_queue& queue, int deadline_ms)
        : pending_call(some, script_keys("k"), script_args()), queue_(queue) {
        deadline = steady_time{milliseconds{deadline_ms}};
        queue_.add(*this);
    }
    ~asked() { queue_.forget(*this); }
    errc failure() const { return errc_of(answer.error()); }

private:
    call_queue& queue_;
};

steady_time at(int ms) { return steady_time{milliseconds{ms}}; }

resp3_message number(int value) {
    resp3_message message;
    message.value = reply(std::int64_t{value});
    return message;
}

resp3_message failure(const char* line) {
    resp3_message message;
    message.what = resp3_message::kind::error;
    message.error = line;
    return message;
}

std::string sent(call_queue& queue, std::size_t most = 100000) {
    std::string out;
    queue.encode(out, most);
    return out;
}

pending_call* answer(call_queue& queue, resp3_message message) {
    bool expected = false;
    auto* call = queue.take_answer(std::move(message), expected);
    EXPECT_TRUE(expected);
    return call;
}

TEST(call_queue, answers_in_the_order_of_sending) {
    call_queue queue;
    asked first(queue, 10), second(queue, 10);
    const auto bytes = sent(queue);
    EXPECT_NE(bytes.find("EVAL\r\n"), bytes.npos);
    EXPECT_NE(bytes.find("EVALSHA\r\n"), bytes.npos) << "the text goes once a connection";
    EXPECT_EQ(answer(queue, number(1)), &first);
    EXPECT_EQ(answer(queue, number(2)), &second);
    EXPECT_EQ(second.answer.value().as_integer(), 2);
    bool expected = true;
    EXPECT_EQ(queue.take_answer(number(3), expected), nullptr);
    EXPECT_FALSE(expected);
}

TEST(call_queue, drops_the_late_answer_of_a_call_that_gave_up) {
    call_queue queue;
    asked first(queue, 10);
    asked second(queue, 20);
    sent(queue);
    call_queue::calls finished;
    queue.expire(at(10), finished);
    ASSERT_EQ(finished, call_queue::calls{&first});
    EXPECT_EQ(first.failure(), errc::outcome_unknown);
    EXPECT_EQ(answer(queue, number(1)), nullptr);
    EXPECT_EQ(answer(queue, number(2)), &second);
    EXPECT_EQ(queue.next_deadline(), std::nullopt);
}

TEST(call_queue, was_certainly_not_executed_when_never_sent) {
    call_queue queue;
    asked first(queue, 10);
    call_queue::calls finished;
    queue.expire(at(9), finished);
    EXPECT_TRUE(finished.empty());
    queue.expire(at(10), finished);
    ASSERT_EQ(finished.size(), 1u);
    EXPECT_EQ(first.failure(), errc::store_unavailable);
    EXPECT_EQ(sent(queue), "") << "it must not be sent any more";
}

TEST(call_queue, sends_the_text_when_the_server_lacks_the_script) {
    call_queue queue;
    asked first(queue, 10), second(queue, 10), third(queue, 10);
    sent(queue);
    EXPECT_EQ(answer(queue, number(1)), &first);
    EXPECT_EQ(answer(queue, failure("NOSCRIPT No matching script.")), nullptr);
    asked later(queue, 30);
    EXPECT_EQ(queue.next_deadline(), at(10)) << "the retry keeps its time limit";
    const auto bytes = sent(queue);
    EXPECT_LT(bytes.find("EVAL\r\n"), bytes.find("EVALSHA\r\n"));
    EXPECT_EQ(answer(queue, number(3)), &third);
    EXPECT_EQ(answer(queue, number(2)), &second);
    EXPECT_EQ(answer(queue, number(4)), &later);
}

TEST(call_queue, repeats_after_a_loss_only_what_has_not_left_whole) {
    call_queue queue;
    asked whole(queue, 10), cut(queue, 20), behind(queue, 30);
    const auto bytes = sent(queue);
    asked waiting(queue, 40);
    const auto length_of_first = bytes.find("*4", 2);
    call_queue::calls finished;
    queue.connection_lost(length_of_first + 1, finished);
    ASSERT_EQ(finished, call_queue::calls{&whole});
    EXPECT_EQ(whole.failure(), errc::outcome_unknown);
    EXPECT_FALSE(queue.awaits_answer());
    sent(queue);
    EXPECT_EQ(answer(queue, number(1)), &cut);
    EXPECT_EQ(answer(queue, number(2)), &behind);
    EXPECT_EQ(answer(queue, number(3)), &waiting);
}

TEST(call_queue, leaves_room_for_the_next_write_when_much_is_waiting) {
    call_queue queue;
    asked first(queue, 10), second(queue, 10);
    sent(queue, 1);
    EXPECT_TRUE(queue.has_waiting());
    call_queue::calls finished;
    queue.fail_all(errc::shutting_down, finished);
    EXPECT_EQ(finished.size(), 2u);
    EXPECT_EQ(first.failure(), errc::outcome_unknown);
    EXPECT_EQ(second.failure(), errc::shutting_down);
}

TEST(call_queue, forgets_in_every_stage) {
    call_queue queue;
    {
        asked waiting(queue, 10);
        asked behind(queue, 11);
    }
    EXPECT_FALSE(queue.has_waiting());
    auto first = std::make_unique<asked>(queue, 10);
    asked second(queue, 20);
    sent(queue);
    auto third = std::make_unique<asked>(queue, 30);
    asked fourth(queue, 40);
    first.reset();
    third.reset();
    EXPECT_EQ(answer(queue, number(1)), nullptr);
    EXPECT_EQ(answer(queue, number(2)), &second);
    sent(queue);
    EXPECT_EQ(answer(queue, number(4)), &fourth);
}

TEST(call_queue, drops_the_answer_of_a_ping) {
    call_queue queue;
    std::string out;
    queue.encode_ping(out);
    EXPECT_TRUE(queue.awaits_answer());
    asked call(queue, 10);
    sent(queue);
    EXPECT_EQ(answer(queue, number(0)), nullptr);
    EXPECT_EQ(answer(queue, number(1)), &call);
}

}  // namespace
}  // namespace holdfast
