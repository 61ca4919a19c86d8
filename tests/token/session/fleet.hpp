// A small fleet for tests: several authentication services on one runtime and one shared store.
#pragma once

#include "store/embedded/embedded_store.hpp"
#include "store/redis/redis_store.hpp"
#include "support/redis_server.hpp"
#include "support/run.hpp"
#include "token/auth_service.hpp"
#include "token/guard_set.hpp"
#include "token/users/sqlite_users.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace holdfast::test {

enum class store_kind { embedded, redis };

struct fleet_options {
    store_kind kind = store_kind::embedded;
    int nodes = 1;
    token_policy policy = {};
    auth_service::options service = {};
    login_limits limits = {};
    bool registration_open = true;
    std::vector<std::string> more_guards = {};
    bool keep_redis_data = false;
    milliseconds failures_take{0};
    bool follow = false;       ///< run follow_revocations() on every node
    minutes last_node_off{0};  ///< how wrong the last node's calendar is
};

/// Remembers which kinds of events happened.
class event_counts final : public journal {
public:
    void record(const event& happened) override { kinds.push_back(happened.kind); }
    long count(event_kind kind) const;
    std::vector<event_kind> kinds;
};

/// The same machine with a wrong calendar.
class shifted_runtime final : public runtime {
public:
    shifted_runtime(runtime& real, minutes by) : real_(real), by_(by) {}
    steady_time now() const noexcept override { return real_.now(); }
    wall_time wall_now() const noexcept override { return real_.wall_now() + by_; }
    void async_sleep_until(steady_time deadline, sleep_handler on_wake) override {
        real_.async_sleep_until(deadline, std::move(on_wake));
    }
    void fill_random(std::span<std::byte> out) override { real_.fill_random(out); }
    boost::asio::any_io_executor executor() override { return real_.executor(); }

private:
    runtime& real_;
    minutes by_;
};

/// A user table that can be told to fail, and counts lookups.
class fickle_users final : public user_table {
public:
    explicit fickle_users(std::shared_ptr<user_table> real) : real_(std::move(real)) {}
    std::atomic<int> lookups{0};
    std::atomic<errc> trouble{errc{}};

    result<user_record> find(const user_id& id) override;
    result<user_credentials> find_credentials(const account_name& account) override {
        return real_->find_credentials(account);
    }
    result<user_record> add(const new_user& user) override { return real_->add(user); }
    result<void> replace_hash(const user_id& id, const password_hash& before,
                              const password_hash& after, wall_time now) override {
        return real_->replace_hash(id, before, after, now);
    }
    result<void> set_hash(const user_id& id, const password_hash& hash, wall_time now) override {
        return real_->set_hash(id, hash, now);
    }
    result<void> set_disabled(const user_id& id, bool disabled, wall_time now) override {
        return real_->set_disabled(id, disabled, now);
    }
    result<std::vector<user_record>> list(std::size_t offset, std::size_t limit) override {
        return real_->list(offset, limit);
    }

private:
    std::shared_ptr<user_table> real_;
};

/// Node i is a service with a store connection of its own, as on a host of its own.
class fleet {
public:
    explicit fleet(fleet_options opts);
    ~fleet();

    auth_service& node(std::size_t i) { return *nodes_.at(i)->service; }
    std::size_t size() const { return nodes_.size(); }
    store& link(std::size_t i) { return *nodes_.at(i)->shared; }
    redis_server& redis() { return *redis_; }

    /// Registers on node 0; the token.
    std::string register_user(const std::string& account, const std::string& password = "secret1");
    login_outcome try_register(const std::string& account, const std::string& password);
    task<void> register_into(std::string account, std::optional<login_outcome>& where);
    result<user_record> user(std::size_t i, const guard_name& which, const user_id& id);
    login_outcome login(std::size_t i, const std::string& account, const std::string& password);
    result<accepted> authenticate(std::size_t i, const std::string& token);
    /// One request of each token on each node in turn, all at once.
    std::vector<result<accepted>> authenticate_all(std::size_t requests, const std::string& token);
    /// A genuine token of the guard with other claims.
    std::string sign(const std::function<void(token_claims&)>& change, const std::string& token);
    token_claims claims_of(const std::string& token);
    /// Runs the loop for that long.
    void pass(milliseconds span);

    real_world world;
    event_counts events;
    std::shared_ptr<fickle_users> users;
    std::shared_ptr<const guard_set> guards;
    const guard_name guard{"app"};

private:
    struct node_parts {
        std::unique_ptr<shifted_runtime> local;
        std::unique_ptr<store> shared;
        std::unique_ptr<auth_service> service;
    };
    std::unique_ptr<store> connect();
    void make_guards();
    task<void> follow(auth_service& service);

    fleet_options options_;
    int following_ = 0;
    temporary_folder folder_;
    std::unique_ptr<redis_server> redis_;
    std::shared_ptr<embedded::embedded_engine> engine_;
    std::shared_ptr<user_desk> desk_;
    std::vector<std::unique_ptr<node_parts>> nodes_;
};

/// As the article's Go service stores a password: bcrypt with cost 4.
password_hash bcrypt_of(const std::string& password);

/// Runs a call beside others; the answer appears where it should go.
task<void> keep_answer(task<result<accepted>> call, std::optional<result<accepted>>& where);

inline const std::string good_password = "secret1";

}  // namespace holdfast::test
