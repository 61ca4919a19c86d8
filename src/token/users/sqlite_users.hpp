// A guard's users in one table of a SQLite file.
#pragma once

#include "token/users/sqlite_handle.hpp"
#include "token/users/user_table.hpp"

#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast {

/// The name of a SQL table: a letter or `_`, then letters, digits, `_`; at most 63 bytes; not
/// `sqlite_…`. It is pasted into SQL, so nothing else ever gets that far.
class table_name {
public:
    static result<table_name> parse(std::string_view text);
    /// Wiring only: throws boost::system::system_error where parse() would fail.
    explicit table_name(std::string_view text) : table_name(parse(text).value()) {}
    const std::string& str() const noexcept { return text_; }

private:
    struct checked {};
    table_name(checked, std::string_view text) : text_(text) {}
    std::string text_;
};

/// Opens or creates the file (mode 0600, write-ahead log) and the table. Several processes may use
/// one file. Ids are positive integers, never used twice.
class sqlite_users final : public user_table {
public:
    /// Throws boost::system::system_error whose text says which file and why.
    sqlite_users(const std::string& path, const table_name& table);

    result<user_record> find(const user_id& id) override;
    result<user_credentials> find_credentials(const account_name& account) override;
    result<user_record> add(const new_user& user) override;
    result<void> replace_hash(const user_id& id, const password_hash& before,
                              const password_hash& after, wall_time now) override;
    result<void> set_hash(const user_id& id, const password_hash& hash, wall_time now) override;
    result<void> set_disabled(const user_id& id, bool disabled, wall_time now) override;
    result<std::vector<user_record>> list(std::size_t offset, std::size_t limit) override;

private:
    sqlite::connection db_;
    std::string table_;  // quoted
    std::mutex mutex_;   // one connection, one statement at a time
};

}  // namespace holdfast
