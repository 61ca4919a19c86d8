// The judge is judged first: it must find what it is there to find.
#include "support/referee.hpp"

#include <gtest/gtest.h>

namespace holdfast::test {
namespace {

using std::chrono::milliseconds;

TEST(referee, finds_two_inside_at_a_time_and_a_fence_that_does_not_rise) {
    referee judge;
    referee_line a(judge.path(), "a");
    referee_line b(judge.path(), "b");
    const auto t = std::chrono::steady_clock::now();
    a.enter("n", 5, t);
    a.inside("n", 5, t + milliseconds{10});
    b.enter("n", 6, t + milliseconds{11});
    b.enter("other", 1, t);
    b.remark("heard all");
    judge.await_remark("b", "heard all");
    EXPECT_EQ(judge.violations(), "");
    a.inside("n", 5, t + milliseconds{12});
    a.remark("heard all");
    judge.await_remark("a", "heard all");
    EXPECT_NE(judge.violations().find("overlap"), std::string::npos);
    b.enter("other", 1, t + milliseconds{20});
    judge.await([&] { return judge.episodes("other").size() == 2; });
    EXPECT_NE(judge.violations().find("fence"), std::string::npos);
}

TEST(referee, keeps_a_resource_that_refuses_old_fences) {
    referee judge;
    referee_line a(judge.path(), "a");
    EXPECT_TRUE(a.write("n", 5));
    EXPECT_TRUE(a.write("n", 5));
    EXPECT_TRUE(a.write("n", 7));
    EXPECT_FALSE(a.write("n", 6));
    EXPECT_TRUE(a.write("m", 1));
    EXPECT_EQ(judge.refused("a"), 1);
    EXPECT_EQ(judge.accepted("a"), 4);
}

}  // namespace
}  // namespace holdfast::test
