// Finds who answers a request, counts it and logs it.
#pragma once

#include "base/log.hpp"
#include "base/metrics.hpp"
#include "http/message.hpp"

#include <array>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::http {

/// Which methods a route answers, in the form of an Allow header; empty: every one.
struct allowed_methods {
    std::string text = {};
    bool contains(std::string_view method) const noexcept;
};

/// Routes by exact path, or by prefix at a '/'. Paths are compared as sent: an encoded or doubled
/// slash matches nothing. Unknown path: 404; known path, other method: 405 with Allow.
class router {
public:
    router(runtime& rt, metrics& counts, logger log);

    void add(std::string path, allowed_methods methods, handler answer);
    /// Also everything below `path` + "/".
    void add_tree(std::string path, allowed_methods methods, handler answer);

    answering answer(const request& asked);

private:
    struct route {
        std::string path;
        bool tree;
        bool noted;  ///< every request is worth a line of the log
        allowed_methods methods;
        handler answer;
        histogram* spans;
        std::map<int, counter*> by_status;
    };

    route& find(std::string_view path) noexcept;
    static answering dispatch(const route& to, const request& asked);
    task<response> finish(route& to, const request& asked, task<response> later);
    void record(route& at, const request& asked, int status);
    route make_route(std::string path, bool tree, allowed_methods methods, handler answer);

    runtime& rt_;
    metrics& counts_;
    logger log_;
    std::vector<route> routes_;
    route unknown_;
};

}  // namespace holdfast::http
