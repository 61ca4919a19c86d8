#include "holdfast/error.hpp"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

TEST(error, conditions_say_what_to_do_next) {
    EXPECT_EQ(error_code(errc::busy), condition::denied);
    EXPECT_EQ(error_code(errc::store_unavailable), condition::retry);
    EXPECT_EQ(error_code(errc::outcome_unknown), condition::unknown);
    EXPECT_EQ(error_code(errc::script_error), condition::broken);
    EXPECT_NE(error_code(errc::busy), condition::retry);
}

TEST(error, every_code_has_a_name_and_a_message) {
    for (int value = 1; value < 400; ++value) {
        const auto code = static_cast<errc>(value);
        if (code != errc::internal && std::string_view(name_of(code)) == "internal") continue;
        EXPECT_FALSE(error_code(code).message().empty());
    }
    EXPECT_STREQ(name_of(errc::outcome_unknown), "outcome_unknown");
}

TEST(error, foreign_codes_read_as_internal) {
    EXPECT_EQ(errc_of(error_code(2, boost::system::system_category())), errc::internal);
}

}  // namespace
}  // namespace holdfast
