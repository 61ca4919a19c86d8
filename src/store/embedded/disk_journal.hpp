// The journal on disk: what survives the process.
#pragma once

#include "base/log.hpp"
#include "holdfast/error.hpp"
#include "store/embedded/data_folder.hpp"
#include "store/embedded/file_io.hpp"
#include "store/embedded/journal_format.hpp"
#include "store/embedded/keyspace.hpp"

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

namespace holdfast::embedded {

struct journal_options {
    /// `every_second`: an acknowledged write survives the death of the process at once and a power
    /// cut after a second. `always`: it survives both at once, at the price of an fsync per write.
    enum class sync { every_second, always };
    sync when = sync::every_second;
    /// The journal is rewritten when it is larger than this and than `growth` times what the last
    /// rewriting left.
    std::size_t compact_from_bytes = std::size_t{8} << 20;
    std::size_t growth = 2;
};

/// Files in the folder: `journal`; `journal.new` while it is being rewritten; `journal.damaged-N`
/// what recovery put aside; `lock`. At every instant `journal` is complete up to the last
/// acknowledged write.
///
/// append() and reload() belong to one thread at a time (the engine's mutex); a thread of its own
/// syncs and rewrites.
class disk_journal {
public:
    /// Opens or makes the folder and replays what is there onto `keys`, which is empty.
    ///
    /// A torn tail (the record being written when the power went) is cut off with a warning. Damage
    /// before sound records keeps everything before it; the rest is copied to `journal.damaged-N`,
    /// logged as an error, and then cut off: records are changes on top of each other, so none is
    /// applied over a gap. Neither keeps the store from opening.
    ///
    /// errc::folder_in_use, invalid_configuration (the folder cannot be used, or its journal has
    /// the format of another version) or store_unavailable (the disk fails); `why` then says so in
    /// one line.
    static result<std::unique_ptr<disk_journal>> open(const std::string& folder,
                                                      const journal_options& options,
                                                      const logger& log, keyspace& keys,
                                                      std::string& why);
    ~disk_journal();
    disk_journal(const disk_journal&) = delete;

    /// Writes one record; success means it survives kill -9 (and a power cut, with sync::always).
    /// On failure nothing of it stays, or, when that cannot be had, the journal refuses everything
    /// from then on.
    error_code append(std::string_view effects, wall_time now);

    /// Reads everything again: the state as of the last successful append.
    error_code reload(keyspace& keys);

    /// The time of the last record that was replayed, if any.
    std::optional<wall_time> last_at() const { return last_at_; }

    bool wants_compaction() const;
    /// Rewrites the journal in the background: this copy of the keys, then what is appended from
    /// now on.
    /// False, and nothing begins, while one is going on.
    bool begin_compaction(keyspace copy);
    /// Returns when no rewriting is going on. For tests and for a clean end.
    void wait_for_compaction();

private:
    struct rewriting;

    disk_journal(data_folder folder, const journal_options& options, const logger& log);
    error_code create();
    error_code recover(keyspace& keys);
    error_code put_aside(std::string_view damaged);
    error_code cut_to(std::size_t bytes);
    void serve();
    void sync_if_dirty(std::unique_lock<std::mutex>& lock);
    void compact(std::unique_lock<std::mutex>& lock);
    error_code write_copy(rewriting& work);
    error_code switch_over(rewriting& work);
    void fail(const char* what, const error_code& ec);

    data_folder folder_;
    journal_options options_;
    logger log_;
    std::optional<wall_time> last_at_;

    mutable std::mutex mutex_;
    std::condition_variable wake_;
    file out_;
    std::string scratch_;
    std::size_t size_ = 0;
    std::size_t size_after_compaction_ = 0;
    std::uint64_t next_sequence_ = 1;
    bool dirty_ = false;
    bool failed_ = false;  // for good: what is on disk is not known any more
    bool stopping_ = false;
    std::unique_ptr<rewriting> rewriting_;
    std::thread server_;
};

}  // namespace holdfast::embedded
