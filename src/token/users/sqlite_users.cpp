// The SQL of a user table.
#include "token/users/sqlite_users.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <charconv>

namespace holdfast {
namespace {

constexpr std::string_view columns = "id, account, name, disabled, created_ms, updated_ms";

/// A user id of this table; nothing for text that cannot be one.
std::optional<std::int64_t> row_id(const user_id& id) {
    const auto& text = id.str();
    std::int64_t number = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool canonical = failed == std::errc{} && end == text.data() + text.size() &&
                           number > 0 && text.front() != '0';
    return canonical ? std::optional(number) : std::nullopt;
}

result<user_record> read_user(const sqlite::statement& row) {
    const auto id = user_id::parse(std::to_string(row.integer(0)));
    const auto account = account_name::parse(row.text(1));
    if (!id || !account) return errc::corrupt_data;
    return user_record{*id,
                       *account,
                       row.text(2),
                       row.integer(3) != 0,
                       from_unix_ms(row.integer(4)),
                       from_unix_ms(row.integer(5))};
}

/// The one row a statement gives; errc::not_found when there is none.
result<user_record> one_user(sqlite::statement& query) {
    const auto row = query.step();
    if (!row) return row.error();
    if (!*row) return errc::not_found;
    return read_user(query);
}

std::string table_definition(const std::string& table) {
    return "CREATE TABLE IF NOT EXISTS " + table +
           " (id INTEGER PRIMARY KEY AUTOINCREMENT,"
           " account TEXT NOT NULL UNIQUE,"
           " name TEXT NOT NULL,"
           " password_hash TEXT NOT NULL,"
           " disabled INTEGER NOT NULL DEFAULT 0,"
           " created_ms INTEGER NOT NULL,"
           " updated_ms INTEGER NOT NULL)";
}

}  // namespace

result<table_name> table_name::parse(std::string_view text) {
    const auto is_letter = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    };
    const auto is_allowed = [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); };
    const auto starts_with_sqlite = [&] {
        return text.size() >= 7 && sqlite3_strnicmp(text.data(), "sqlite_", 7) == 0;
    };
    if (text.empty() || text.size() > 63 || !is_letter(text.front()) ||
        !std::ranges::all_of(text, is_allowed) || starts_with_sqlite())
        return errc::invalid_argument;
    return table_name(checked{}, text);
}

sqlite_users::sqlite_users(const std::string& path, const table_name& table)
    : db_(sqlite::open(path)), table_('"' + table.str() + '"') {
    const auto defined = sqlite::execute(*db_, table_definition(table_));
    sqlite::statement probe(
        *db_, "SELECT " + std::string(columns) + ", password_hash FROM " + table_ + " LIMIT 0");
    const auto readable = probe.step();
    if (defined && readable) return;
    const auto why = defined ? readable.error() : defined.error();
    throw boost::system::system_error(
        why, "user database " + path + ", table " + table.str() + ": " + sqlite3_errmsg(db_.get()));
}

result<user_record> sqlite_users::find(const user_id& id) {
    const auto number = row_id(id);
    if (!number) return errc::not_found;
    const std::lock_guard held(mutex_);
    sqlite::statement query(*db_,
                            "SELECT " + std::string(columns) + " FROM " + table_ + " WHERE id = ?");
    query.bind(*number);
    return one_user(query);
}

result<user_credentials> sqlite_users::find_credentials(const account_name& account) {
    const std::lock_guard held(mutex_);
    sqlite::statement query(*db_, "SELECT " + std::string(columns) + ", password_hash FROM " +
                                      table_ + " WHERE account = ?");
    query.bind(account.str());
    auto user = one_user(query);
    if (!user) return user.error();
    return user_credentials{std::move(*user), password_hash(query.text(6))};
}

result<user_record> sqlite_users::add(const new_user& user) {
    const std::lock_guard held(mutex_);
    sqlite::statement insert(*db_, "INSERT INTO " + table_ +
                                       " (account, name, password_hash, created_ms, updated_ms)"
                                       " VALUES (?1, ?2, ?3, ?4, ?4) RETURNING " +
                                       std::string(columns));
    insert.bind(user.account.str()).bind(user.name).bind(user.hash.text());
    insert.bind(to_unix_ms(user.created_at));
    auto added = one_user(insert);
    if (!added) return added.error();
    const auto committed = insert.step();  // an INSERT … RETURNING takes effect when it is done
    if (!committed) return committed.error();
    return added;
}

namespace {

/// Runs an UPDATE of one row; errc::not_found when it changed none.
result<void> update_one(sqlite3& db, sqlite::statement& update) {
    const auto done = update.step();
    if (!done) return done.error();
    if (sqlite3_changes(&db) == 0) return errc::not_found;
    return {};
}

}  // namespace

result<void> sqlite_users::replace_hash(const user_id& id, const password_hash& before,
                                        const password_hash& after, wall_time now) {
    const auto number = row_id(id);
    if (!number) return errc::not_found;
    const std::lock_guard held(mutex_);
    sqlite::statement update(*db_, "UPDATE " + table_ +
                                       " SET password_hash = ?, updated_ms = ?"
                                       " WHERE id = ? AND password_hash = ?");
    update.bind(after.text()).bind(to_unix_ms(now)).bind(*number).bind(before.text());
    return update_one(*db_, update);
}

result<void> sqlite_users::set_hash(const user_id& id, const password_hash& hash, wall_time now) {
    const auto number = row_id(id);
    if (!number) return errc::not_found;
    const std::lock_guard held(mutex_);
    sqlite::statement update(
        *db_, "UPDATE " + table_ + " SET password_hash = ?, updated_ms = ? WHERE id = ?");
    update.bind(hash.text()).bind(to_unix_ms(now)).bind(*number);
    return update_one(*db_, update);
}

result<void> sqlite_users::set_disabled(const user_id& id, bool disabled, wall_time now) {
    const auto number = row_id(id);
    if (!number) return errc::not_found;
    const std::lock_guard held(mutex_);
    sqlite::statement update(*db_,
                             "UPDATE " + table_ + " SET disabled = ?, updated_ms = ? WHERE id = ?");
    update.bind(std::int64_t{disabled}).bind(to_unix_ms(now)).bind(*number);
    return update_one(*db_, update);
}

result<std::vector<user_record>> sqlite_users::list(std::size_t offset, std::size_t limit) {
    const std::lock_guard held(mutex_);
    sqlite::statement query(*db_, "SELECT " + std::string(columns) + " FROM " + table_ +
                                      " ORDER BY id LIMIT ? OFFSET ?");
    query.bind(static_cast<std::int64_t>(limit)).bind(static_cast<std::int64_t>(offset));
    std::vector<user_record> users;
    for (;;) {
        const auto row = query.step();
        if (!row) return row.error();
        if (!*row) return users;
        auto user = read_user(query);
        if (!user) return user.error();
        users.push_back(std::move(*user));
    }
}

}  // namespace holdfast
