// Which places an embedded store can be opened at, and how much it may hold there.
#include "client/embedded_url.hpp"

#include "client/open_store.hpp"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

TEST(embedded_url, is_read) {
    const struct {
        const char* url;
        const char* folder;
        std::size_t max_memory;
    } table[] = {
        {"memory:", "", 0},
        {"memory:?max_memory=1048576", "", 1048576},
        {"memory:?max_memory=64mb", "", std::size_t{64} << 20},
        {"embedded:/var/lib/x", "/var/lib/x", 0},
        {"embedded:a b:c?max_memory=2gb", "a b:c", std::size_t{2} << 30},
        {"embedded:x?max_memory=2048kb", "x", std::size_t{2} << 20},
    };
    for (const auto& row : table) {
        std::string why;
        const auto read = parse_embedded_url(row.url, why);
        ASSERT_TRUE(read) << row.url << ": " << why;
        EXPECT_EQ(read->folder, row.folder) << row.url;
        EXPECT_EQ(read->max_memory, row.max_memory) << row.url;
    }
}

TEST(embedded_url, is_refused_with_a_reason) {
    for (const auto* url :
         {"embedded:", "embedded:?max_memory=64mb", "memory:?", "memory:?memory=1mb",
          "memory:?max_memory=", "memory:?max_memory=0", "memory:?max_memory=-1mb",
          "memory:?max_memory=64MB", "memory:?max_memory=1kb", "memory:?max_memory=99999999gb",
          "memory:?max_memory=18446744073709551617", "embedded:x?max_memory=1mb&y=2"}) {
        std::string why;
        const auto read = parse_embedded_url(url, why);
        ASSERT_FALSE(read) << url;
        EXPECT_EQ(read.error(), errc::invalid_argument) << url;
        EXPECT_FALSE(why.empty()) << url;
        store_settings settings;
        settings.url = url;
        EXPECT_FALSE(store_source::open(settings, logger(log_level::off, log_format::text), why));
    }
}

}  // namespace
}  // namespace holdfast
