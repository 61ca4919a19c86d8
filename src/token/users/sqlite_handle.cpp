// The calls into SQLite.
#include "token/users/sqlite_handle.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace holdfast::sqlite {
namespace {

constexpr int busy_patience_ms = 2000;

[[noreturn]] void refuse(const std::string& path, errc why, const std::string& detail) {
    throw boost::system::system_error(why, "user database " + path + ": " + detail);
}

/// SQLite would create it readable by all; its -wal and -shm files copy the mode of this one.
void create_private(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) refuse(path, errc::invalid_configuration, std::strerror(errno));
    ::close(fd);
}

}  // namespace

errc errc_of_code(int code) noexcept {
    if (code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY)
        return errc::already_exists;
    switch (code & 0xff) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
        case SQLITE_IOERR:
        case SQLITE_FULL:
        case SQLITE_CANTOPEN:
        case SQLITE_PROTOCOL: return errc::store_unavailable;
        case SQLITE_NOMEM: return errc::out_of_memory;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB: return errc::corrupt_data;
        case SQLITE_PERM:
        case SQLITE_READONLY:
        case SQLITE_AUTH: return errc::permission_denied;
        default: return errc::internal;
    }
}

void connection_closer::operator()(sqlite3* db) const noexcept { sqlite3_close_v2(db); }

connection open(const std::string& path) {
    create_private(path);
    sqlite3* raw = nullptr;
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    const int opened = sqlite3_open_v2(path.c_str(), &raw, flags, nullptr);
    connection db(raw);
    if (opened != SQLITE_OK) refuse(path, errc::invalid_configuration, sqlite3_errstr(opened));
    sqlite3_busy_timeout(db.get(), busy_patience_ms);
    const auto prepared =
        execute(*db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;");
    if (!prepared) refuse(path, errc_of(prepared.error()), sqlite3_errmsg(db.get()));
    return db;
}

result<void> execute(sqlite3& db, const std::string& sql) {
    const int code = sqlite3_exec(&db, sql.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return errc_of_code(code);
    return {};
}

statement::statement(sqlite3& db, const std::string& sql)
    : status_(sqlite3_prepare_v2(&db, sql.c_str(), static_cast<int>(sql.size()), &statement_,
                                 nullptr)) {}

statement::~statement() { sqlite3_finalize(statement_); }

statement& statement::bind(std::string_view text) {
    if (status_ == SQLITE_OK)
        status_ = sqlite3_bind_text(statement_, ++bound_, text.data(),
                                    static_cast<int>(text.size()), SQLITE_TRANSIENT);
    return *this;
}

statement& statement::bind(std::int64_t number) {
    if (status_ == SQLITE_OK) status_ = sqlite3_bind_int64(statement_, ++bound_, number);
    return *this;
}

result<bool> statement::step() {
    if (status_ != SQLITE_OK) return errc_of_code(status_);
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    return errc_of_code(code);
}

std::int64_t statement::integer(int column) const {
    return sqlite3_column_int64(statement_, column);
}

std::string statement::text(int column) const {
    const auto* bytes = sqlite3_column_text(statement_, column);
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
    return bytes == nullptr ? std::string()
                            : std::string(reinterpret_cast<const char*>(bytes), size);
}

}  // namespace holdfast::sqlite
