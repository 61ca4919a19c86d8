// The limit on what the keys take: writes are refused, nothing is lost, and room made is used.
#include "store/embedded/commands.hpp"
#include "store/embedded/journal_fixture.hpp"
#include "store/embedded/memory_budget.hpp"

#include <malloc.h>

namespace holdfast::test {
namespace {

using namespace embedded;

constexpr std::size_t megabyte = std::size_t{1} << 20;
const std::string text_of_40(40, 'x');
const std::string text_of_300(300, 'x');

/// Runs the command with `%` in its words replaced.
void execute_filled(context& c, const std::vector<std::string_view>& form,
                    const std::string& number) {
    std::vector<std::string> texts;
    for (const auto word : form) {
        std::string text(word);
        if (const auto at = text.find('%'); at != text.npos) text.replace(at, 1, number);
        texts.push_back(std::move(text));
    }
    const std::vector<std::string_view> words(texts.begin(), texts.end());
    ASSERT_FALSE(execute(c, words).is_error());
}

class limited_memory : public journal_fixture {
protected:
    limited_memory() { options_.max_memory = megabyte; }

    /// Keys of a kilobyte until one is refused; how many there were room for.
    int fill(embedded_engine& on, const std::string& name) {
        for (int i = 0;; ++i) {
            const auto kept = set(on, name + std::to_string(i), std::string(1000, 'x'));
            if (kept) continue;
            EXPECT_EQ(kept.error(), errc::out_of_memory);
            return i;
        }
    }
};

TEST_F(limited_memory, refuses_writes_near_the_limit_and_keeps_what_it_has) {
    embedded_engine engine(options_);
    const int kept = fill(engine, "k");
    EXPECT_GT(kept, 700);
    EXPECT_LT(kept, 1050);
    EXPECT_LT(memory_of(engine.snapshot()), megabyte + megabyte / 8);
    EXPECT_EQ(get(engine, "k0"), std::string(1000, 'x'));
    EXPECT_EQ(set(engine, "k0", "y").error(), errc::out_of_memory);
    EXPECT_EQ(get(engine, "k0"), std::string(1000, 'x'));
    EXPECT_TRUE(run(engine, "return redis.call('PEXPIRE', 'k0', 60000)"));
}

TEST_F(limited_memory, accepts_writes_again_when_keys_were_deleted_or_expired) {
    embedded_engine engine(options_);
    const int kept = fill(engine, "k");
    for (int i = 0; i < kept / 2; ++i)
        ASSERT_TRUE(run(engine, "return redis.call('DEL', ARGV[1])", {"k" + std::to_string(i)}));
    EXPECT_GT(fill(engine, "more"), kept / 4);
    for (int i = kept / 2; i < kept; ++i)
        ASSERT_TRUE(
            run(engine, "return redis.call('PEXPIRE', ARGV[1], 1)", {"k" + std::to_string(i)}));
    now_ += seconds(1);
    for (int i = 0; i < 200; ++i) (void)get(engine, "none");  // each removes a few that are due
    EXPECT_GT(fill(engine, "last"), kept / 4);
}

TEST_F(limited_memory, counts_what_the_journal_brought_back) {
    int kept = 0;
    {
        const auto engine = open();
        kept = fill(*engine, "k");
    }
    const auto engine = open();
    EXPECT_EQ(set(*engine, "new", "y").error(), errc::out_of_memory);
    EXPECT_EQ(get(*engine, "k" + std::to_string(kept - 1)), std::string(1000, 'x'));
}

TEST_F(limited_memory, is_none_unless_asked_for) {
    embedded_engine engine;
    for (int i = 0; i < 3000; ++i)
        ASSERT_TRUE(set(engine, "k" + std::to_string(i), std::string(1000, 'x')));
}

// The keyspace alone, filled by commands: the heap then holds nothing else that grows.
TEST(memory_of, is_near_what_the_heap_says) {
    if (mallinfo2().uordblks == 0) GTEST_SKIP() << "this allocator does not count";
    const std::vector<std::vector<std::string_view>> forms{
        {"SET", "s%", "value", "PX", "100000"},
        {"SET", "s%", text_of_300},
        {"HSET", "h", "field%", text_of_40},
        {"ZADD", "z", "%", "a member of some length %"},
        {"SADD", "t", "m%"},
        {"RPUSH", "l", text_of_40},
        {"XADD", "x", "*", "field", text_of_40}};
    for (const auto& form : forms) {
        const subscribers nobody;
        outbox nowhere(nobody);
        keyspace keys;
        keys.set_now(from_unix_seconds(1'700'000'000));
        context c{keys, nowhere};
        const auto before = mallinfo2().uordblks;
        for (int i = 0; i < 20'000; ++i) execute_filled(c, form, std::to_string(i));
        const auto real = mallinfo2().uordblks - before;
        const auto estimated = memory_of(keys);
        EXPECT_GT(estimated * 4, real * 3) << form[0] << " " << estimated << " of " << real;
        EXPECT_LT(estimated * 3, real * 4) << form[0] << " " << estimated << " of " << real;
    }
}

}  // namespace
}  // namespace holdfast::test
