// Builds the fleet and runs its calls.
#include "fleet.hpp"

#include "base/encode.hpp"

#include <crypt.h>
#include <boost/asio/detached.hpp>

#include <algorithm>

namespace holdfast::test {

task<void> keep_answer(task<result<accepted>> call, std::optional<result<accepted>>& where) {
    auto answer = co_await std::move(call);
    where.emplace(std::move(answer));
}

long event_counts::count(event_kind kind) const { return std::ranges::count(kinds, kind); }

result<user_record> fickle_users::find(const user_id& id) {
    ++lookups;
    if (const auto why = trouble.load(); why != errc{}) return why;
    return real_->find(id);
}

fleet::fleet(fleet_options opts) : options_(std::move(opts)) {
    if (options_.kind == store_kind::redis)
        redis_ = std::make_unique<redis_server>(
            options_.keep_redis_data ? std::vector<std::string>{"--appendonly", "yes"}
                                     : std::vector<std::string>{});
    else
        engine_ = std::make_shared<embedded::embedded_engine>();
    make_guards();
    options_.service.failures_take = options_.failures_take;
    for (int i = 0; i < options_.nodes; ++i) {
        auto parts = std::make_unique<node_parts>();
        const bool last = i + 1 == options_.nodes;
        parts->local = std::make_unique<shifted_runtime>(
            world.runtime, last ? options_.last_node_off : minutes{0});
        parts->shared = connect();
        parts->service = std::make_unique<auth_service>(*parts->local, *parts->shared, events,
                                                        guards, options_.service);
        if (options_.follow)
            boost::asio::co_spawn(world.context, follow(*parts->service), boost::asio::detached);
        nodes_.push_back(std::move(parts));
    }
}

fleet::~fleet() {
    for (auto& parts : nodes_) parts->service->stop();
    while (following_ > 0) pass(milliseconds{5});
    for (auto& parts : nodes_) world.run(parts->shared->close());
    nodes_.clear();
    guards.reset();
    desk_.reset();
}

task<void> fleet::follow(auth_service& service) {
    ++following_;
    co_await service.follow_revocations();
    --following_;
}

std::unique_ptr<store> fleet::connect() {
    if (engine_) return std::make_unique<embedded_store>(world.runtime, engine_, "hf:");
    auto options = parse_redis_url(redis_->url()).value();
    options.call_timeout = milliseconds{1500};
    auto made =
        std::make_unique<redis_store>(world.runtime, null_journal(),
                                      logger(log_level::off, log_format::text), std::move(options));
    world.run(made->start()).value();
    return made;
}

void fleet::make_guards() {
    user_desk::options cheap;
    cheap.hash_cost = 1;
    desk_ = std::make_shared<user_desk>(cheap);
    const auto file = folder_.path() + "/users.db";
    users =
        std::make_shared<fickle_users>(std::make_shared<sqlite_users>(file, table_name("users")));
    std::vector<guard_settings> all;
    auto names = options_.more_guards;
    names.insert(names.begin(), guard.str());
    for (const auto& name : names) {
        guard_settings settings{guard_name(name)};
        auto key = jws_key::from_secret("a secret of " + name + " that has enough bytes for HS256",
                                        jws_algorithm::hs256);
        settings.keys = std::make_shared<const key_ring>(key_ring::of(std::move(key).value()));
        settings.policy = options_.policy;
        settings.registration_open = options_.registration_open;
        settings.limits = options_.limits;
        settings.users = name == guard.str()
                             ? std::shared_ptr<user_table>(users)
                             : std::make_shared<sqlite_users>(file, table_name("users_" + name));
        all.push_back(std::move(settings));
    }
    guards = std::make_shared<const guard_set>(std::move(all), desk_);
}

login_outcome fleet::try_register(const std::string& account, const std::string& password) {
    registration request(account_name(account), secret_text(password), "", std::nullopt);
    return world.run(node(0).register_user(guard, std::move(request)));
}

std::string fleet::register_user(const std::string& account, const std::string& password) {
    return try_register(account, password).token.value().access_token;
}

task<void> fleet::register_into(std::string account, std::optional<login_outcome>& where) {
    registration request(account_name(account), secret_text(good_password), "", std::nullopt);
    auto outcome = co_await node(0).register_user(guard, std::move(request));
    where.emplace(std::move(outcome));
}

task<void> keep_user(task<result<user_record>> call, std::optional<result<user_record>>& where) {
    auto answer = co_await std::move(call);
    where.emplace(std::move(answer));
}

result<user_record> fleet::user(std::size_t i, const guard_name& which, const user_id& id) {
    std::optional<result<user_record>> answer;
    world.run(keep_user(node(i).user_info(which, id), answer));
    return std::move(*answer);
}

password_hash bcrypt_of(const std::string& password) {
    const std::string salt(16, 's');
    char setting[CRYPT_GENSALT_OUTPUT_SIZE];
    crypt_gensalt_rn("$2a$", 4, salt.data(), 16, setting, sizeof setting);
    const auto data = std::make_unique<crypt_data>();
    return password_hash(crypt_rn(password.c_str(), setting, data.get(), sizeof *data));
}

login_outcome fleet::login(std::size_t i, const std::string& account, const std::string& password) {
    login_request request(account_name(account), secret_text(password),
                          client_address("192.0.2.1"));
    return world.run(node(i).login(guard, std::move(request)));
}

result<accepted> fleet::authenticate(std::size_t i, const std::string& token) {
    std::optional<result<accepted>> answer;
    world.run(keep_answer(node(i).authenticate(guard, token), answer));
    return std::move(*answer);
}

std::vector<result<accepted>> fleet::authenticate_all(std::size_t requests,
                                                      const std::string& token) {
    std::vector<std::optional<result<accepted>>> kept(requests);
    for (std::size_t i = 0; i < requests; ++i)
        boost::asio::co_spawn(world.context,
                              keep_answer(node(i % size()).authenticate(guard, token), kept[i]),
                              boost::asio::detached);
    const auto is_open = [](const auto& answer) { return !answer.has_value(); };
    while (std::ranges::any_of(kept, is_open)) pass(milliseconds{1});
    std::vector<result<accepted>> answers;
    for (auto& answer : kept) answers.push_back(std::move(*answer));
    return answers;
}

token_claims fleet::claims_of(const std::string& token) {
    const auto first = token.find('.') + 1;
    const auto payload =
        base64url_decode(std::string_view(token).substr(first, token.find('.', first) - first));
    return token_claims::parse(payload.value()).value();
}

std::string fleet::sign(const std::function<void(token_claims&)>& change,
                        const std::string& token) {
    auto claims = claims_of(token);
    change(claims);
    return sign_token(claims, *guards->find(guard)->keys).value();
}

void fleet::pass(milliseconds span) {
    world.run(world.runtime.sleep_until(world.runtime.now() + span));
}

}  // namespace holdfast::test
