// Dispatch, metrics, access log.
#include "http/router.hpp"

#include "http/answers.hpp"

namespace holdfast::http {
namespace {

response not_found() { return api_refusal(404, api_code::business, "no such path"); }

std::string microseconds_text(nanoseconds took) { return std::to_string(took.count() / 1000); }

}  // namespace

bool allowed_methods::contains(std::string_view method) const noexcept {
    if (text.empty()) return true;
    std::string_view rest = text;
    while (!rest.empty()) {
        const auto comma = rest.find(", ");
        if (rest.substr(0, comma) == method) return true;
        rest.remove_prefix(comma == rest.npos ? rest.size() : comma + 2);
    }
    return false;
}

router::router(runtime& rt, metrics& counts, logger log)
    : rt_(rt),
      counts_(counts),
      log_(std::move(log)),
      unknown_(make_route("unknown", false, {}, [](const request&) { return not_found(); })) {}

router::route router::make_route(std::string path, bool tree, allowed_methods methods,
                                 handler answer) {
    auto& spans = counts_.histogram(
        {"holdfast_http_request_seconds", "From a complete request to its answer."},
        {{"route", path}});
    const bool noted = path.starts_with("/api/") || path.starts_with("/oauth2/");
    return {std::move(path), tree, noted, std::move(methods), std::move(answer), &spans, {}};
}

void router::add(std::string path, allowed_methods methods, handler answer) {
    routes_.push_back(make_route(std::move(path), false, std::move(methods), std::move(answer)));
}

void router::add_tree(std::string path, allowed_methods methods, handler answer) {
    routes_.push_back(make_route(std::move(path), true, std::move(methods), std::move(answer)));
}

router::route& router::find(std::string_view path) noexcept {
    for (auto& one : routes_) {
        if (path == one.path) return one;
        if (one.tree && path.starts_with(one.path) && path[one.path.size()] == '/') return one;
    }
    return unknown_;
}

answering router::dispatch(const route& to, const request& asked) {
    if (to.methods.contains(asked.method)) return to.answer(asked);
    auto refused = api_refusal(405, api_code::business, "this path does not answer the method");
    refused.header("Allow", to.methods.text);
    return refused;
}

answering router::answer(const request& asked) {
    auto& to = find(asked.path);
    auto given = dispatch(to, asked);
    const auto* now = given.ready();
    if (now == nullptr) return finish(to, asked, given.later());
    record(to, asked, now->status());
    return given;
}

task<response> router::finish(route& to, const request& asked, task<response> later) {
    auto answered = co_await std::move(later);
    record(to, asked, answered.status());
    co_return answered;
}

void router::record(route& at, const request& asked, int status) {
    const auto took = rt_.now() - asked.complete_at;
    auto& count = at.by_status[status];
    if (count == nullptr)
        count = &counts_.counter({"holdfast_http_requests_total", "Requests answered."},
                                 {{"route", at.path}, {"status", std::to_string(status)}});
    count->add();
    at.spans->observe_ns(took.count());
    const auto level = status >= 500 ? log_level::warn
                       : at.noted    ? log_level::info
                                     : log_level::debug;
    if (!log_.enabled(level)) return;
    const auto line = level == log_level::warn   ? &logger::warn
                      : level == log_level::info ? &logger::info
                                                 : &logger::debug;
    (log_.*line)("http.request", {{"id", std::string(asked.id)},
                                  {"remote", std::string(asked.remote_address)},
                                  {"method", std::string(asked.method)},
                                  {"path", std::string(asked.path)},
                                  {"status", std::to_string(status)},
                                  {"us", microseconds_text(took)}});
}

}  // namespace holdfast::http
