// Requests that smuggle, break the grammar or are too large, each with its one answer.
#pragma once

#include <string>
#include <vector>

namespace holdfast::test {

struct bad_request {
    const char* what;
    std::string bytes;
    int status;
};

std::vector<bad_request> smuggling();
std::vector<bad_request> request_lines();
std::vector<bad_request> chunks();
std::vector<bad_request> too_large();

}  // namespace holdfast::test
