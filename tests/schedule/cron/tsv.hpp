// Rows of the tab-separated case files in tests/data/cron.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace holdfast::test {

/// Every row but the first (the column names), cut at tabs.
std::vector<std::vector<std::string>> read_tsv(std::string_view file);

std::vector<std::string> split(std::string_view text, char at);

}  // namespace holdfast::test
