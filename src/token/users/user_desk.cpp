// Sends each piece of blocking work to its pool.
#include "token/users/user_desk.hpp"

namespace holdfast {
namespace {

password_salt draw_salt(runtime& rt) {
    password_salt salt;
    rt.fill_random(salt);
    return salt;
}

constexpr std::size_t longest_display_name = 256;

/// One login as it runs on a hashing thread. Everything it needs, and nothing shared.
struct password_check {
    std::shared_ptr<user_table> table;
    account_name account;
    secret_text password;
    password_salt salt;
    wall_time now;

    result<user_record> run(const password_hasher& hasher) const {
        auto found = table->find_credentials(account);
        if (!found && found.error() != errc::not_found) return found.error();
        const auto hash = found ? std::optional(found->hash) : std::nullopt;
        if (!hasher.matches(password, hash) || !found) return errc::bad_credentials;
        if (found->user.disabled) return errc::account_disabled;
        if (hasher.should_upgrade(*hash, password)) upgrade(hasher, *found);
        return std::move(found->user);
    }

    /// Best effort: the login is right whether or not the better hash could be stored.
    void upgrade(const password_hasher& hasher, const user_credentials& found) const {
        const auto better = hasher.hash(password, salt);
        if (better) (void)table->replace_hash(found.user.id, found.hash, *better, now);
    }
};

}  // namespace

user_desk::user_desk(options opts)
    : options_(opts), hasher_(opts.hash_cost), lookups_(opts.lookups), hashing_(opts.hashing) {}

task<result<user_record>> user_desk::find(runtime& rt, std::shared_ptr<user_table> table,
                                          user_id id) {
    std::function<result<user_record>()> work = [table = std::move(table), id = std::move(id)] {
        return table->find(id);
    };
    co_return co_await run_blocking<user_record>(rt, lookups_, std::move(work));
}

task<result<user_record>> user_desk::check_password(runtime& rt, std::shared_ptr<user_table> table,
                                                    account_name account, secret_text password) {
    auto check = std::make_shared<password_check>(password_check{
        std::move(table), std::move(account), std::move(password), draw_salt(rt), rt.wall_now()});
    std::function<result<user_record>()> work = [this, check] { return check->run(hasher_); };
    co_return co_await run_blocking<user_record>(rt, hashing_, std::move(work));
}

task<result<user_record>> user_desk::add(runtime& rt, std::shared_ptr<user_table> table,
                                         account_name account, std::string name,
                                         secret_text password) {
    const auto fits = options_.rule.check(password);
    if (!fits) co_return fits.error();
    if (name.size() > longest_display_name) co_return errc::invalid_argument;
    auto typed = std::make_shared<secret_text>(std::move(password));
    std::function<result<user_record>()> work = [this, typed, table = std::move(table),
                                                 account = std::move(account),
                                                 name = std::move(name), salt = draw_salt(rt),
                                                 now = rt.wall_now()]() -> result<user_record> {
        const auto hash = hasher_.hash(*typed, salt);
        if (!hash) return hash.error();
        return table->add(new_user(account, name, *hash, now));
    };
    co_return co_await run_blocking<user_record>(rt, hashing_, std::move(work));
}

}  // namespace holdfast
