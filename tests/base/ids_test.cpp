#include "holdfast/ids.hpp"

#include "support/run.hpp"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

using namespace std::string_view_literals;

TEST(ids, lock_names_with_a_hash_tag_share_its_slot) {
    EXPECT_EQ(lock_name("orders").hash_tag(), "orders");
    EXPECT_EQ(lock_name("a{b}c").hash_tag(), "b");
}

TEST(ids, bad_lock_names_are_refused) {
    const std::string too_long(513, 'x');
    for (const auto bad : {""sv, "a\nb"sv, "a\0b"sv, "a\x7f"sv, "a{"sv, "a}"sv, "{}"sv, "}{"sv,
                           "{a}{b}"sv, "{{a}}"sv, std::string_view(too_long)})
        EXPECT_EQ(lock_name::parse(bad).error(), errc::invalid_argument) << bad;
    EXPECT_TRUE(lock_name::parse(std::string(512, 'x')));
    EXPECT_TRUE(lock_name::parse("中文 name:1"));
}

TEST(ids, ttl_has_bounds) {
    for (const auto bad :
         {milliseconds{0}, milliseconds{-1}, milliseconds{hours{24}} + milliseconds{1}})
        EXPECT_FALSE(lease_ttl::parse(bad));
    EXPECT_TRUE(lease_ttl::parse(hours{24}));
}

TEST(ids, owner_ids_are_random_and_round_trip) {
    test::real_world world;
    const auto a = owner_id::random(world.runtime);
    EXPECT_NE(a, owner_id::random(world.runtime));
    EXPECT_EQ(owner_id::parse(a.str()).value(), a);
    EXPECT_EQ(a.str().size(), 32u);
    EXPECT_FALSE(owner_id::parse("1"));
}

}  // namespace
}  // namespace holdfast
