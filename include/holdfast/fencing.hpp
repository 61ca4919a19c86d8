// Checkers of fencing tokens, ready to use where the writes arrive.
//
// A fence protects nothing by itself: the resource has to remember the highest one it has seen and
// refuse lower ones, in the same atomic step as the write (Kleppmann, "How to do distributed
// locking", 2016). Equal ones are let in: a holder writes more than once. Nothing here talks to
// the lock's store, so it works when that one is away, too.
#pragma once

#include "holdfast/ids.hpp"
#include "holdfast/store.hpp"

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace holdfast {

enum class sql_dialect { sqlite, postgresql, mysql };

/// Statements for a table of the newest fences beside the data.
///
/// In the transaction of the write, before it: run `enrol` (it does nothing from the second time
/// on), then `admit`. If `admit` changed one row, go on; if it changed none, a newer fence has been
/// there: roll back. The row is then locked until the end of the transaction, so a newer holder
/// waits for the commit and an older one finds itself refused. (PostgreSQL above READ COMMITTED may
/// end the transaction of the one that waited with a serialization failure: repeat it.)
/// Parameters are positional (`?`, or `$1` for PostgreSQL). enrol: resource. admit: fence,
/// resource, fence (PostgreSQL: $1 fence, $2 resource). Fences need 64 bits.
struct sql_fence {
    std::string_view create_table;
    std::string_view enrol;
    std::string_view admit;
};
const sql_fence& sql_fence_for(sql_dialect) noexcept;

/// For resources in Redis: the scripts, for this library's store::run or any client's EVAL.
/// fence_admit: KEYS the fence's key, ARGV fence; 1 admitted, 0 refused. Only worth something when
/// the write is part of the same script: take fenced_set (KEYS fence's key, resource; ARGV fence,
/// value) as the pattern.
const script& fence_admit_script() noexcept;
const script& fenced_set_script() noexcept;

/// For files on one machine: the newest fence in a file of its own, held by an advisory lock while
/// the protected files are written.
class fence_file {
public:
    explicit fence_file(std::filesystem::path where) : where_(std::move(where)) {}

    /// While it lives no other admission of this file exists, in this or another process.
    class admission {
    public:
        explicit admission(int fd) : fd_(fd) {}
        admission(admission&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
        admission& operator=(admission&&) = delete;
        ~admission();

    private:
        int fd_;
    };

    /// Blocks while another admission lives. The fence is on disk (fdatasync) before this returns,
    /// so a crash cannot let an older one in. Failures: lease_lost (a newer fence has been there);
    /// corrupt_data (the file holds something else: it is left alone); permission_denied, or
    /// internal for other errors of the file system.
    result<admission> admit(fencing_token) const;

private:
    std::filesystem::path where_;
};

/// The HTTP request header that carries a fence: `Holdfast-Fence: 1790000000000042`.
inline constexpr std::string_view fence_header = "Holdfast-Fence";

/// The header's value.
std::string format_fence(fencing_token);
/// Only decimal digits, from 1, without a sign, blanks or leading zeros; else invalid_argument.
result<fencing_token> parse_fence(std::string_view header_value);

/// The newest fences that a server process has seen, by resource. It forgets with the process: put
/// the fence beside the data as well (sql_fence, fence_file) if the process may be restarted while
/// an old holder lives, or if several serve one resource. Thread-safe.
class fence_gate {
public:
    struct resource {
        std::string_view name;
    };
    /// True: not older than any seen for this resource; it is now the newest.
    bool admit(resource, fencing_token);

    /// The status to answer a write with: 200 go on, 428 the header is missing (RFC 6585), 400 it
    /// is malformed, 412 a newer holder has written (RFC 9110, 15.5.13).
    unsigned check(resource, const std::string* header_value);

private:
    std::mutex guard_;
    std::map<std::string, fencing_token, std::less<>> newest_;
};

}  // namespace holdfast
