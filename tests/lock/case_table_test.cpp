// That the table of cases, and the list of holes, name tests that exist.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

namespace holdfast {
namespace {

const std::filesystem::path data = HOLDFAST_TEST_DATA;

std::string text_of(const std::filesystem::path& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// All sources of tests in one text.
std::string all_tests() {
    std::string all;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(data.parent_path()))
        if (entry.path().string().ends_with("_test.cpp")) all += text_of(entry.path());
    return all;
}

TEST(case_table, names_for_every_case_tests_that_exist) {
    const auto tests = all_tests();
    std::istringstream table(text_of(data / "lock" / "cases.txt"));
    std::set<int> cases;
    for (std::string line; std::getline(table, line);) {
        if (line.empty() || line.front() == '#') continue;
        cases.insert(std::stoi(line));
        std::istringstream names(line.substr(line.rfind(": ") + 2));
        int count = 0;
        for (std::string name; names >> name; ++count)
            EXPECT_NE(tests.find(", " + name + ")"), tests.npos) << name;
        EXPECT_GT(count, 0) << line;
    }
    EXPECT_EQ(cases.size(), 32U);
    EXPECT_EQ(*cases.begin(), 1);
    EXPECT_EQ(*cases.rbegin(), 32);
}

TEST(case_table, every_hole_of_a_queue_has_a_test_of_its_name) {
    const auto tests = all_tests();
    for (int hole = 1; hole <= 22; ++hole) {
        const auto name = ", h" + std::string(hole < 10 ? "0" : "") + std::to_string(hole) + "_";
        EXPECT_NE(tests.find(name), tests.npos) << name;
    }
}

}  // namespace
}  // namespace holdfast
