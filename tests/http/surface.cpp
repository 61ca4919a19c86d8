// Composes fleet, router and server.
#include "http/surface.hpp"

#include <stdexcept>

namespace holdfast::test {

surface::surface(options opts) : fleet_(std::move(opts.fleet)) {
    if (opts.rotated) {
        fleet_.world.run(same_token_.rotate()).value();
        inner_token_ = same_token_.current().value();
    }
    auto rules = std::make_shared<http::policy>();
    rules->seed_statuses = opts.seed_statuses;
    rules->show_reasons = true;
    rules->clients.push_back({"gateway", secret_text("s3cret")});
    rules_ = std::move(rules);
    auto answer = http::make_router(services(), [this] { return rules_; });
    auto made = http::server::listen(fleet_.world.runtime, {}, std::move(answer), counts_,
                                     logger(log_level::off, log_format::text));
    server_.emplace(std::move(made.value()));
    port_ = server_->port();
    server_->start();
    thread_ = std::thread([this] { fleet_.world.context.run(); });
}

surface::~surface() {
    std::promise<void> drained;
    auto& rt = fleet_.world.runtime;
    boost::asio::co_spawn(fleet_.world.context, server_->drain(rt.now()),
                          [&](std::exception_ptr, std::size_t) { drained.set_value(); });
    drained.get_future().wait();
    fleet_.world.context.stop();
    thread_.join();
}

http::services surface::services() {
    return {.rt = fleet_.world.runtime,
            .auth = fleet_.node(0),
            .counts = counts_,
            .log = logger(log_level::off, log_format::text),
            .same_token = &same_token_,
            .not_ready =
                [this] {
                    return ready ? std::vector<std::string>{} : std::vector<std::string>{"store"};
                },
            .jwks = [] { return std::string(R"({"keys":[]})"); }};
}

std::string credentials_json(const std::string& account, const std::string& password) {
    return R"({"account":")" + account + R"(","password":")" + password + R"("})";
}

raw_answer surface::post(std::string_view target, const std::string& body,
                         const std::vector<std::string>& fields) const {
    return http_request(port_, "POST", target, fields, body);
}

raw_answer surface::ask(std::string_view method, std::string_view target,
                        const std::string& token) const {
    return http_request(port_, method, target, {"Authorization: Bearer " + token});
}

std::string surface::token_of(const std::string& account) {
    const auto body = credentials_json(account, good_password);
    auto answer = post("/api/auth/register", body);
    if (answer.status == 409) answer = post("/api/auth/login", body);
    if (answer.status != 200) throw std::runtime_error("no token: " + answer.body);
    return member(answer.body, "access_token");
}

std::string member(std::string_view json, std::string_view name) {
    const auto key = "\"" + std::string(name) + "\":";
    const auto at = json.find(key);
    if (at == json.npos) return {};
    auto value = json.substr(at + key.size());
    if (value.starts_with('"')) return std::string(value.substr(1, value.find('"', 1) - 1));
    return std::string(value.substr(0, value.find_first_of(",}")));
}

}  // namespace holdfast::test
