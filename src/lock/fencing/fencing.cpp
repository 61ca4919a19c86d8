// SQL texts, scripts and the HTTP header.
#include "holdfast/fencing.hpp"

#include "lock_scripts.hpp"

#include <charconv>

namespace holdfast {
namespace {

namespace lua = holdfast::scripts::lock;

constexpr std::string_view table =
    "CREATE TABLE IF NOT EXISTS holdfast_fences ("
    "resource VARCHAR(512) PRIMARY KEY, fence BIGINT NOT NULL, writes BIGINT NOT NULL)";

constexpr sql_fence sqlite{
    table, "INSERT INTO holdfast_fences VALUES (?, 0, 0) ON CONFLICT (resource) DO NOTHING",
    "UPDATE holdfast_fences SET fence = ?, writes = writes + 1 WHERE resource = ? AND fence <= ?"};

constexpr sql_fence postgresql{
    table, "INSERT INTO holdfast_fences VALUES ($1, 0, 0) ON CONFLICT (resource) DO NOTHING",
    "UPDATE holdfast_fences SET fence = $1, writes = writes + 1 WHERE resource = $2 "
    "AND fence <= $1"};

// MySQL counts rows that it changed, not rows that it found: `writes` changes every time. INSERT
// IGNORE would share the row with another writer's INSERT IGNORE, and neither could update it.
constexpr sql_fence mysql{
    "CREATE TABLE IF NOT EXISTS holdfast_fences ("
    "resource VARBINARY(512) PRIMARY KEY, fence BIGINT NOT NULL, writes BIGINT NOT NULL) "
    "ENGINE=InnoDB",
    "INSERT INTO holdfast_fences VALUES (?, 0, 0) ON DUPLICATE KEY UPDATE writes = writes",
    "UPDATE holdfast_fences SET fence = ?, writes = writes + 1 WHERE resource = ? AND fence <= ?"};

}  // namespace

const sql_fence& sql_fence_for(sql_dialect dialect) noexcept {
    switch (dialect) {
        case sql_dialect::postgresql: return postgresql;
        case sql_dialect::mysql: return mysql;
        case sql_dialect::sqlite: break;
    }
    return sqlite;
}

const script& fence_admit_script() noexcept { return lua::fence_admit; }
const script& fenced_set_script() noexcept { return lua::fenced_set; }

std::string format_fence(fencing_token fence) { return std::to_string(fence.value()); }

result<fencing_token> parse_fence(std::string_view text) {
    std::uint64_t value = 0;
    const auto* end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, value);
    if (text.empty() || text[0] == '0' || read.ec != std::errc() || read.ptr != end)
        return errc::invalid_argument;
    return fencing_token(value);
}

bool fence_gate::admit(resource what, fencing_token fence) {
    const std::lock_guard guarded(guard_);
    const auto found = newest_.find(what.name);
    if (found == newest_.end()) {
        newest_.emplace(what.name, fence);
        return true;
    }
    if (fence < found->second) return false;
    found->second = fence;
    return true;
}

unsigned fence_gate::check(resource what, const std::string* header_value) {
    if (header_value == nullptr) return 428;
    const auto fence = parse_fence(*header_value);
    if (!fence) return 400;
    return admit(what, *fence) ? 200 : 412;
}

}  // namespace holdfast
