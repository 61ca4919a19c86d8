// A writer killed with SIGKILL at any moment: everything it was told is kept is there.
#include "store/embedded/journal_fixture.hpp"
#include "support/wait.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <random>

namespace holdfast::test {
namespace {

class killed_writer : public journal_fixture {
protected:
    /// Counts upwards in a child process until it is killed after `lives`; the highest number whose
    /// script was answered before it died.
    std::int64_t count_until_killed(microseconds lives) {
        int ends[2];
        EXPECT_EQ(::pipe(ends), 0);
        const auto child = ::fork();
        if (child == 0) {
            ::close(ends[0]);
            count_for_ever(ends[1]);
        }
        ::close(ends[1]);
        std::int64_t last = read_one(ends[0]);
        test::let_live(lives);
        ::kill(child, SIGKILL);
        for (auto next = last; next >= 0; next = read_one(ends[0])) last = next;
        ::close(ends[0]);
        int status = 0;
        ::waitpid(child, &status, 0);
        EXPECT_TRUE(WIFSIGNALED(status));
        return last;
    }

private:
    /// Two keys that one script keeps equal, and one that grows so that there is much to rewrite.
    [[noreturn]] void count_for_ever(int report_to) {
        const auto engine = open();
        for (;;) {
            const auto counted =
                run(*engine,
                    "local n = redis.call('INCR', 'n') redis.call('SET', 'same', n) "
                    "redis.call('SET', 'k' .. n % 50, ('x'):rep(200)) return n");
            if (!counted) ::_exit(1);
            const std::int64_t n = counted->as_integer();
            if (::write(report_to, &n, sizeof n) != sizeof n) ::_exit(2);
        }
    }
    static std::int64_t read_one(int from) {
        std::int64_t n = 0;
        return ::read(from, &n, sizeof n) == sizeof n ? n : -1;
    }
};

TEST_F(killed_writer, loses_nothing_it_was_answered) {
    options_.journal.compact_from_bytes = 20'000;
    std::mt19937 random(7);
    for (int life = 0; life < 25; ++life) {
        const auto answered = count_until_killed(microseconds(random() % 30'000));
        ASSERT_GT(answered, 0);
        const auto engine = open();
        const auto found = std::stoll(get(*engine, "n"));
        ASSERT_GE(found, answered) << life;
        ASSERT_LE(found, answered + 1) << life;
        ASSERT_EQ(get(*engine, "same"), std::to_string(found));
        ASSERT_EQ(damaged_files(), 0);
    }
}

TEST_F(killed_writer, frees_the_folder_at_once) {
    for (int life = 0; life < 3; ++life) {
        count_until_killed(microseconds(0));
        ASSERT_NE(open(), nullptr);
    }
}

}  // namespace
}  // namespace holdfast::test
