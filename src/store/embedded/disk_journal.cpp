// Appending to the journal and keeping it on the disk.
#include "store/embedded/disk_journal.hpp"

#include "store/embedded/journal_rewriting.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <utility>

namespace holdfast::embedded {

disk_journal::disk_journal(data_folder folder, const journal_options& options, const logger& log)
    : folder_(std::move(folder)), options_(options), log_(log) {}

disk_journal::~disk_journal() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    if (server_.joinable()) server_.join();
    if (dirty_) sync_data(out_);
}

error_code disk_journal::append(std::string_view effects, wall_time now) {
    const std::lock_guard lock(mutex_);
    if (failed_) return errc::store_unavailable;
    scratch_.clear();
    append_record(scratch_, {next_sequence_, now, effects});
    if (const auto ec = write_all(out_, scratch_)) {
        log_.error(
            "journal.write_failed",
            {{"folder", folder_.path()}, {"error", ec.message()}, {"do", "free some space"}});
        if (auto cut = cut_to(size_)) fail("journal.cut_failed", cut);
        return errc::store_unavailable;
    }
    if (options_.when == journal_options::sync::always) {
        if (const auto ec = sync_data(out_)) {
            fail("journal.sync_failed", ec);
            return errc::store_unavailable;
        }
    }
    ++next_sequence_;
    size_ += scratch_.size();
    dirty_ = dirty_ || options_.when != journal_options::sync::always;
    if (rewriting_) rewriting_->keep(effects, now);
    return {};
}

error_code disk_journal::cut_to(std::size_t bytes) {
    if (::ftruncate(out_.fd(), static_cast<off_t>(bytes)) != 0) return last_error();
    if (::lseek(out_.fd(), static_cast<off_t>(bytes), SEEK_SET) < 0) return last_error();
    return {};
}

void disk_journal::fail(const char* what, const error_code& ec) {
    failed_ = true;
    log_.error(what, {{"folder", folder_.path()},
                      {"error", ec.message()},
                      {"do", "check the disk, then restart; nothing is accepted until then"}});
}

bool disk_journal::wants_compaction() const {
    const std::lock_guard lock(mutex_);
    return !rewriting_ && !failed_ && size_ > options_.compact_from_bytes &&
           size_ > options_.growth * size_after_compaction_;
}

bool disk_journal::begin_compaction(keyspace copy) {
    {
        const std::lock_guard lock(mutex_);
        if (rewriting_) return false;
        rewriting_ = std::make_unique<rewriting>(std::move(copy));
    }
    wake_.notify_all();
    return true;
}

void disk_journal::wait_for_compaction() {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return !rewriting_; });
}

// The thread: syncs once a second what was written since, and rewrites when asked.
void disk_journal::serve() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        wake_.wait_for(lock, std::chrono::seconds(1), [this] { return stopping_ || rewriting_; });
        if (rewriting_ && !stopping_) compact(lock);
        sync_if_dirty(lock);
    }
}

// Appends go on during the sync: it works on a descriptor of its own, which keeps the file alive
// should a rewriting replace it meanwhile.
void disk_journal::sync_if_dirty(std::unique_lock<std::mutex>& lock) {
    if (!std::exchange(dirty_, false)) return;
    const file same(::fcntl(out_.fd(), F_DUPFD_CLOEXEC, 0));
    lock.unlock();
    const auto ec = same ? sync_data(same) : last_error();
    lock.lock();
    // After a failed fsync the kernel may have dropped the pages: nobody knows what is on disk.
    if (ec && !failed_) fail("journal.sync_failed", ec);
}

void disk_journal::compact(std::unique_lock<std::mutex>& lock) {
    auto& work = *rewriting_;
    lock.unlock();
    auto ec = write_copy(work);
    lock.lock();
    if (!ec) ec = switch_over(work);
    if (ec) {
        ::unlink(folder_.file("journal.new").c_str());
        log_.warn("journal.compaction_failed",
                  {{"folder", folder_.path()}, {"error", ec.message()}});
        size_after_compaction_ = size_;  // not again before it has grown as much as that
    }
    rewriting_.reset();
    wake_.notify_all();
}

error_code disk_journal::write_copy(rewriting& work) {
    work.out = open_file(folder_.file("journal.new"), O_RDWR | O_CREAT | O_TRUNC);
    if (!work.out) return last_error();
    auto ec = work.write(journal_header);
    dump(work.copy, [&](const effects& piece) {
        if (!ec) ec = work.write_record(piece.bytes(), work.copy.now());
    });
    if (!ec) ec = sync_data(work.out);
    return ec;
}

// Appends wait here: the last few records are copied over, then the new file takes the name. The
// folder is synced before anything is appended to it, or a power cut could bring back the old one.
error_code disk_journal::switch_over(rewriting& work) {
    if (failed_) return errc::store_unavailable;
    if (auto ec = work.write_kept()) return ec;
    if (auto ec = sync_data(work.out)) return ec;
    if (::rename(folder_.file("journal.new").c_str(), folder_.file("journal").c_str()) != 0)
        return last_error();
    log_.info("journal.compacted", {{"folder", folder_.path()},
                                    {"bytes_before", std::to_string(size_)},
                                    {"bytes_after", std::to_string(work.size)}});
    out_ = std::move(work.out);
    size_ = size_after_compaction_ = work.size;
    next_sequence_ = work.next_sequence;
    dirty_ = false;
    if (auto ec = sync_folder(folder_.path())) fail("journal.sync_failed", ec);
    return {};
}

}  // namespace holdfast::embedded
