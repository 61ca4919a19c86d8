// SQLite's connection and prepared statement as owned values.
#pragma once

#include "holdfast/error.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace holdfast::sqlite {

/// Which errc a SQLite result code means for the caller: trouble is retry or broken, never an
/// answer, except a broken UNIQUE rule (already_exists).
errc errc_of_code(int code) noexcept;

struct connection_closer {
    void operator()(sqlite3*) const noexcept;
};
using connection = std::unique_ptr<sqlite3, connection_closer>;

/// Opens or creates the file (mode 0600) in WAL mode. Throws boost::system::system_error whose
/// text says which file and why.
connection open(const std::string& path);

/// Runs statements without results. The text is ours, never a user's.
result<void> execute(sqlite3& db, const std::string& sql);

/// One prepared statement: bind in order from 1, then step. Used under the connection's lock.
class statement {
public:
    /// Errors appear at the first step.
    statement(sqlite3& db, const std::string& sql);
    ~statement();
    statement(const statement&) = delete;

    statement& bind(std::string_view text);
    statement& bind(std::int64_t number);

    /// True: a row is there. False: done.
    result<bool> step();
    std::int64_t integer(int column) const;
    std::string text(int column) const;

private:
    sqlite3_stmt* statement_ = nullptr;
    int status_;
    int bound_ = 0;
};

}  // namespace holdfast::sqlite
