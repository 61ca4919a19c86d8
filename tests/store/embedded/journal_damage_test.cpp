// Journals that end early, that have rotted, and disks that refuse.
#include "store/embedded/journal_fixture.hpp"

#include <sys/resource.h>

#include <csignal>
#include <random>

namespace holdfast::test {
namespace {

class damaged_journal : public journal_fixture {
protected:
    /// Ten writes k0..k9 of one script each; the file's size after each of them, first when empty.
    std::vector<std::size_t> write_ten() {
        const auto engine = open();
        std::vector<std::size_t> sizes{std::filesystem::file_size(journal_file())};
        for (int i = 0; i < 10; ++i) {
            EXPECT_TRUE(run(*engine,
                            "redis.call('SET', 'k' .. ARGV[1], ARGV[1]) "
                            "redis.call('SET', 'last', ARGV[1])",
                            {std::to_string(i)}));
            sizes.push_back(std::filesystem::file_size(journal_file()));
        }
        return sizes;
    }
    /// A copy of the folder whose journal holds these bytes.
    std::string copy_with(const std::string& bytes) {
        const auto path = home_.path() + "/copy";
        std::filesystem::remove_all(path);
        std::filesystem::create_directory(path);
        write_bytes(path + "/journal", bytes);
        return path;
    }
    static int put_aside(const std::string& path) {
        return std::filesystem::exists(path + "/journal.damaged-1") ? 1 : 0;
    }
    std::size_t keys_in(embedded_engine& e) {
        return static_cast<std::size_t>(run(e, "return redis.call('DBSIZE')")->as_integer());
    }
};

TEST_F(damaged_journal, keeps_every_whole_record_wherever_it_is_cut_off) {
    const auto sizes = write_ten();
    const auto whole = bytes_of(journal_file());
    std::size_t records = 0;
    for (std::size_t cut = sizes[0]; cut <= whole.size(); ++cut) {
        while (records < 10 && sizes[records + 1] <= cut) ++records;
        const auto path = copy_with(whole.substr(0, cut));
        {
            const auto engine = open_at(path);
            ASSERT_EQ(keys_in(*engine), records == 0 ? 0 : records + 1) << cut;
            ASSERT_TRUE(set(*engine, "more", "v"));
        }
        ASSERT_EQ(get(*open_at(path), "more"), "v") << cut;
        ASSERT_EQ(put_aside(path), 0) << cut;
    }
}

TEST_F(damaged_journal, starts_afresh_when_even_the_header_is_cut) {
    write_ten();
    for (std::size_t cut = 0; cut < 8; ++cut) {
        const auto path = copy_with(bytes_of(journal_file()).substr(0, cut));
        EXPECT_EQ(keys_in(*open_at(path)), 0U);
        EXPECT_EQ(keys_in(*open_at(path)), 0U);
    }
}

TEST_F(damaged_journal, keeps_what_is_before_the_damage_and_puts_the_rest_aside) {
    const auto sizes = write_ten();
    auto bytes = bytes_of(journal_file());
    for (std::size_t at = sizes[4]; at < sizes[5]; ++at) {
        auto rotten = bytes;
        rotten[at] = static_cast<char>(rotten[at] ^ 0x10);
        const auto path = copy_with(rotten);
        ASSERT_EQ(get(*open_at(path), "last"), "3") << at;
        ASSERT_EQ(bytes_of(path + "/journal.damaged-1"), rotten.substr(sizes[4])) << at;
        ASSERT_EQ(get(*open_at(path), "last"), "3") << at;
    }
}

TEST_F(damaged_journal, notices_a_record_that_vanished) {
    const auto sizes = write_ten();
    auto bytes = bytes_of(journal_file());
    bytes.erase(sizes[4], sizes[5] - sizes[4]);
    const auto path = copy_with(bytes);
    EXPECT_EQ(get(*open_at(path), "last"), "3");
    EXPECT_EQ(put_aside(path), 1);
}

TEST_F(damaged_journal, puts_aside_a_file_that_is_no_journal) {
    const auto path = copy_with("this is my shopping list");
    EXPECT_EQ(keys_in(*open_at(path)), 0U);
    EXPECT_EQ(bytes_of(path + "/journal.damaged-1"), "this is my shopping list");
}

TEST_F(damaged_journal, removes_the_remains_of_a_rewriting) {
    write_ten();
    write_bytes(folder() + "/journal.new", "HFJRNL1\nhalf");
    EXPECT_EQ(get(*open(), "last"), "9");
    EXPECT_FALSE(std::filesystem::exists(folder() + "/journal.new"));
}

// Any bytes at all: recovery ends, the store works, and opening it again gives the same.
TEST_F(damaged_journal, survives_arbitrary_mutations) {
    const auto sizes = write_ten();
    const auto whole = bytes_of(journal_file());
    std::mt19937 random(20261122);
    const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random()) % n; };
    for (int round = 0; round < 150; ++round) {
        auto bytes = whole;
        for (auto changes = 1 + below(4); changes > 0 && !bytes.empty(); --changes) {
            const auto at = below(bytes.size());
            switch (below(4)) {
                case 0: bytes[at] = static_cast<char>(random()); break;
                case 1: bytes.erase(at, 1 + below(40)); break;
                case 2: bytes.insert(at, bytes.substr(below(bytes.size()), below(60))); break;
                default: bytes.replace(at, 4, "\xff\xff\xff\xff"); break;
            }
        }
        const auto path = copy_with(bytes);
        const auto first = contents(open_at(path)->snapshot());
        ASSERT_EQ(contents(open_at(path)->snapshot()), first) << round;
    }
}

// A limit on file sizes stands for a full disk.
class full_disk {
public:
    explicit full_disk(std::size_t bytes) {
        std::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &before_);
        auto limited = before_;
        limited.rlim_cur = bytes;
        ::setrlimit(RLIMIT_FSIZE, &limited);
    }
    ~full_disk() { ::setrlimit(RLIMIT_FSIZE, &before_); }

private:
    rlimit before_{};
};

TEST_F(damaged_journal, acknowledges_nothing_while_the_disk_is_full) {
    const auto engine = open();
    ASSERT_TRUE(set(*engine, "k", "before"));
    {
        const full_disk full(std::filesystem::file_size(journal_file()) + 10);
        for (int i = 0; i < 3; ++i) {
            const auto refused = set(*engine, "k", "during");
            ASSERT_FALSE(refused);
            EXPECT_EQ(refused.error(), errc::store_unavailable);
            EXPECT_EQ(get(*engine, "k"), "before");
        }
    }
    EXPECT_TRUE(set(*engine, "k", "after"));
    EXPECT_EQ(get(*engine, "k"), "after");
}

TEST_F(damaged_journal, publishes_nothing_of_a_script_it_could_not_keep) {
    const auto engine = open();
    int received = 0;
    engine->subscribe("c", [&](std::string_view) { ++received; });
    {
        const full_disk full(std::filesystem::file_size(journal_file()) + 10);
        EXPECT_FALSE(run(*engine, "redis.call('SET', 'k', 'v') redis.call('PUBLISH', 'c', 'm')"));
    }
    EXPECT_EQ(received, 0);
    EXPECT_TRUE(run(*engine, "return redis.call('PUBLISH', 'c', 'm')"));
    EXPECT_EQ(received, 1);
}

TEST_F(damaged_journal, is_left_alone_when_another_version_wrote_it) {
    const std::string newer = "HFJRNL2\nrecords of another form";
    const auto path = copy_with(newer);
    const auto refused = embedded_engine::open(path, options_, log_, now_, why_);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error(), errc::invalid_configuration);
    EXPECT_NE(why_.find("newer Holdfast"), why_.npos) << why_;
    EXPECT_EQ(bytes_of(path + "/journal"), newer);
    EXPECT_EQ(put_aside(path), 0);
}

TEST_F(damaged_journal, survives_a_rewriting_that_does_not_fit) {
    const auto engine = open();
    for (int i = 0; i < 100; ++i) ASSERT_TRUE(set(*engine, "k" + std::to_string(i), "v"));
    {
        const full_disk full(200);
        engine->compact();
    }
    EXPECT_TRUE(set(*engine, "k", "after"));
    engine->compact();
    EXPECT_EQ(get(*engine, "k99"), "v");
}

}  // namespace
}  // namespace holdfast::test
