// Resources that refuse an old holder's late write: SQL, Redis, a file, an HTTP server.
//
// Usage: check_fences [STORE_URL]     (default: memory:, which only this process sees)
#include "holdfast/fencing.hpp"
#include "holdfast/locker.hpp"
#include "holdfast/open.hpp"

#include <boost/asio/co_spawn.hpp>

#include <sqlite3.h>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace {

using namespace holdfast;

struct fences {
    fencing_token old, fresh;
};

/// Two holders, one after the other; the first one's writes are still on their way.
task<fences> two_holders(locker& locks) {
    const lock_name name("example:report");
    const lease_ttl ttl(seconds{10});
    const auto first = (co_await locks.acquire(name, ttl)).value();
    (co_await locks.release(first)).value();
    const auto second = (co_await locks.acquire(name, ttl)).value();
    (co_await locks.release(second)).value();
    co_return fences{first.fence(), second.fence()};
}

/// One statement with its parameters; how many rows it changed.
int run(sqlite3* db, std::string_view sql, const std::vector<std::string>& values = {}) {
    sqlite3_stmt* statement = nullptr;
    sqlite3_prepare_v2(db, sql.data(), static_cast<int>(sql.size()), &statement, nullptr);
    for (std::size_t i = 0; i < values.size(); ++i)
        sqlite3_bind_text(statement, static_cast<int>(i) + 1, values[i].c_str(), -1,
                          SQLITE_TRANSIENT);
    if (sqlite3_step(statement) != SQLITE_DONE) std::puts(sqlite3_errmsg(db));
    sqlite3_finalize(statement);
    return sqlite3_changes(db);
}

bool write_row(sqlite3* db, fencing_token fence, const std::string& text) {
    const auto& checker = sql_fence_for(sql_dialect::sqlite);
    const auto value = format_fence(fence);
    run(db, "BEGIN IMMEDIATE");
    run(db, checker.enrol, {"report"});
    const bool admitted = run(db, checker.admit, {value, "report", value}) == 1;
    if (admitted) run(db, "INSERT INTO reports VALUES (?)", {text});
    run(db, admitted ? "COMMIT" : "ROLLBACK");
    return admitted;
}

task<bool> write_key(store& redis, fencing_token fence, const std::string& text) {
    script_keys keys("fence:{report}", "text:{report}");
    script_args args(fence.value(), text);
    const auto& checker = fenced_set_script();
    const auto answer = co_await redis.run(checker, std::move(keys), std::move(args));
    co_return answer.value().as_integer() == 1;
}

bool write_file(const std::filesystem::path& folder, fencing_token fence, const char* text) {
    const auto in = fence_file(folder / "fence").admit(fence);
    if (in) std::ofstream(folder / "report") << text;  // nobody else is let in until `in` goes
    return in.has_value();
}

/// What an HTTP server does with a PUT; `header` is the request's Holdfast-Fence, if it has one.
unsigned put_report(fence_gate& gate, const std::string* header, std::string& report) {
    const auto status = gate.check({"report"}, header);
    if (status == 200) report = "all is well";
    return status;
}

void check(bool fresh_is_let_in, bool old_is_let_in, const char* resource) {
    const bool kept = fresh_is_let_in && !old_is_let_in;
    std::printf("%-6s %s\n", resource, kept ? "refuses the old holder" : "BROKEN");
    if (!kept) std::exit(1);
}

task<void> scenes(runtime& rt, store& st, std::filesystem::path folder) {
    locker locks(rt, st);
    const auto [old, fresh] = co_await two_holders(locks);

    sqlite3* db = nullptr;
    sqlite3_open((folder / "reports.db").c_str(), &db);
    run(db, sql_fence_for(sql_dialect::sqlite).create_table);
    run(db, "CREATE TABLE reports (text TEXT)");
    const bool fresh_row = write_row(db, fresh, "new"), old_row = write_row(db, old, "late");
    check(fresh_row, old_row, "SQL");
    sqlite3_close(db);

    const std::string late = "late", text = "new";
    const bool fresh_key = co_await write_key(st, fresh, text);
    const bool old_key = co_await write_key(st, old, late);
    check(fresh_key, old_key, "Redis");

    const bool fresh_file = write_file(folder, fresh, "new");
    check(fresh_file, write_file(folder, old, "late"), "file");

    fence_gate gate;
    std::string report;
    const std::string fresh_header = format_fence(fresh), old_header = format_fence(old);
    const bool fresh_put = put_report(gate, &fresh_header, report) == 200;
    check(fresh_put, put_report(gate, &old_header, report) != 412, "HTTP");
    check(fresh_put, put_report(gate, nullptr, report) != 428, "HTTP");
    co_await locks.close();
}

}  // namespace

int main(int argc, char** argv) {
    std::string folder = (std::filesystem::temp_directory_path() / "fences-XXXXXX").string();
    if (mkdtemp(folder.data()) == nullptr) return 1;
    boost::asio::io_context context;
    const auto rt = make_runtime(context);
    const auto state = store_at(argc > 1 ? argv[1] : "memory:")(*rt);
    bool done = false;
    boost::asio::co_spawn(context, scenes(*rt, *state, folder), [&](std::exception_ptr failed) {
        done = !failed;
        context.stop();
    });
    context.run();
    std::filesystem::remove_all(folder);
    return done ? 0 : 1;
}
