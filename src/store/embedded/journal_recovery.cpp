// What happens to the journal when the store is opened.
#include "store/embedded/disk_journal.hpp"
#include "store/embedded/journal_rewriting.hpp"
#include "store/embedded/replay.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace holdfast::embedded {
namespace {

// A record that is whole but refused leaves part of itself behind, hence the second go.
journal_scan replay_all(std::string_view bytes, keyspace& keys) {
    bool refused = false;
    const auto apply = [&](const journal_record& record) {
        refused = !replay(keys, record.effects);
        return !refused;
    };
    const auto scan = scan_journal(bytes, apply);
    if (refused) {
        keys = keyspace();
        scan_journal(bytes.substr(0, scan.sound_bytes), apply);
    }
    return scan;
}

}  // namespace

result<std::unique_ptr<disk_journal>> disk_journal::open(const std::string& folder,
                                                         const journal_options& options,
                                                         const logger& log, keyspace& keys,
                                                         std::string& why) {
    auto locked = data_folder::open(folder, why);
    if (!locked) return locked.error();
    std::unique_ptr<disk_journal> journal(new disk_journal(std::move(*locked), options, log));
    if (const auto ec = journal->recover(keys)) {
        if (ec == errc::invalid_configuration) {
            why = "the journal in " + folder +
                  " has a format that this version cannot read; a newer Holdfast wrote it; start "
                  "that one or name another folder";
            return errc::invalid_configuration;
        }
        why = "cannot open the journal in " + folder + "; " + ec.message() +
              "; check the disk and the permissions";
        return errc::store_unavailable;
    }
    journal->server_ = std::thread([raw = journal.get()] { raw->serve(); });
    return journal;
}

// A journal appears under its name only with its header on disk.
error_code disk_journal::create() {
    out_ = open_file(folder_.file("journal.new"), O_RDWR | O_CREAT | O_TRUNC);
    if (!out_) return last_error();
    if (auto ec = write_all(out_, journal_header)) return ec;
    if (auto ec = sync_data(out_)) return ec;
    if (::rename(folder_.file("journal.new").c_str(), folder_.file("journal").c_str()) != 0)
        return last_error();
    size_ = size_after_compaction_ = journal_header.size();
    next_sequence_ = 1;
    return sync_folder(folder_.path());
}

error_code disk_journal::recover(keyspace& keys) {
    ::unlink(folder_.file("journal.new").c_str());
    out_ = open_file(folder_.file("journal"), O_RDWR);
    if (!out_) return errno == ENOENT ? create() : last_error();
    const auto bytes = read_all(out_);
    if (!bytes) return bytes.error();
    if (is_of_other_version(*bytes)) return errc::invalid_configuration;
    const auto scan = replay_all(*bytes, keys);
    if (scan.records > 0) last_at_ = scan.last_at;
    next_sequence_ = scan.last_sequence + 1;
    size_ = scan.sound_bytes;
    const auto rest = std::string_view(*bytes).substr(scan.sound_bytes);
    if (scan.end == journal_end::torn)
        log_.warn("journal.tail_cut",
                  {{"folder", folder_.path()}, {"bytes", std::to_string(rest.size())}});
    if (scan.end == journal_end::damaged || (scan.sound_bytes == 0 && !rest.empty()))
        if (auto ec = put_aside(rest)) return ec;
    if (scan.sound_bytes == 0) return create();
    dirty_ = true;  // an earlier process may have died before its sync
    if (scan.end == journal_end::clean) return {};
    if (auto ec = cut_to(scan.sound_bytes)) return ec;
    return sync_data(out_);
}

error_code disk_journal::put_aside(std::string_view damaged) {
    for (int n = 1;; ++n) {
        const auto name = folder_.file("journal.damaged-" + std::to_string(n));
        const auto out = open_file(name, O_WRONLY | O_CREAT | O_EXCL);
        if (!out && errno == EEXIST) continue;
        if (!out) return last_error();
        if (auto ec = write_all(out, damaged)) return ec;
        if (auto ec = sync_data(out)) return ec;
        log_.error("journal.damaged", {{"folder", folder_.path()},
                                       {"kept_bytes", std::to_string(size_)},
                                       {"put_aside", name},
                                       {"bytes", std::to_string(damaged.size())}});
        return sync_folder(folder_.path());
    }
}

error_code disk_journal::reload(keyspace& keys) {
    const std::lock_guard lock(mutex_);
    const auto bytes = read_all(out_);
    if (!bytes) return bytes.error();
    const auto scan = replay_all(*bytes, keys);
    if (scan.sound_bytes == size_) return cut_to(size_);
    fail("journal.reload_failed", errc::corrupt_data);
    return errc::corrupt_data;
}

}  // namespace holdfast::embedded
