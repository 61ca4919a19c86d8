// The whole HTTP surface over real authentication, on a thread of its own.
#pragma once

#include "holdfast/same_token.hpp"
#include "http/services.hpp"
#include "http/serving.hpp"
#include "token/session/fleet.hpp"

#include <atomic>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::test {

/// One node with an SQLite user table. Talk to it over HTTP only while it lives: its thread runs
/// everything else.
class surface {
public:
    struct options {
        fleet_options fleet = {};
        bool seed_statuses = false;
        bool rotated = true;  ///< the fleet has a Same-Token
    };

    surface() : surface(options{}) {}
    explicit surface(options opts);
    ~surface();

    unsigned short port() const noexcept { return port_; }
    /// A bearer token: registers the account, or logs it in when it exists.
    std::string token_of(const std::string& account);
    raw_answer post(std::string_view target, const std::string& body,
                    const std::vector<std::string>& fields = {}) const;
    /// One request with `Authorization: Bearer TOKEN`.
    raw_answer ask(std::string_view method, std::string_view target,
                   const std::string& token) const;
    std::string sign(const std::function<void(token_claims&)>& change, const std::string& token) {
        return fleet_.sign(change, token);
    }
    /// The fleet's Same-Token; empty before the first rotation.
    const std::string& inner_token() const noexcept { return inner_token_; }
    void stop_redis() { fleet_.redis().stop(); }

    std::atomic<bool> ready{true};

private:
    http::services services();

    fleet fleet_;
    same_token_service same_token_{fleet_.world.runtime, fleet_.link(0), fleet_.events, {}};
    std::string inner_token_;
    metrics counts_;
    std::shared_ptr<const http::policy> rules_;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
        fleet_.world.context.get_executor()};
    std::optional<http::server> server_;
    unsigned short port_ = 0;
    std::thread thread_;
};

/// The text of a member of a flat JSON object, without quotes; "" when it is not there.
std::string member(std::string_view json, std::string_view name);

/// A body of register and login.
std::string credentials_json(const std::string& account, const std::string& password);

}  // namespace holdfast::test
