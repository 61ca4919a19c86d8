// A journal file in the making, while the old one is still in use.
#pragma once

#include "store/embedded/disk_journal.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace holdfast::embedded {

struct disk_journal::rewriting {
    explicit rewriting(keyspace of) : copy(std::move(of)) {}

    keyspace copy;
    file out;
    std::size_t size = 0;
    std::uint64_t next_sequence = 1;
    std::vector<std::pair<wall_time, std::string>> kept;  // appended to the old file since the copy

    void keep(std::string_view effects, wall_time now) { kept.emplace_back(now, effects); }

    error_code write(std::string_view bytes) {
        size += bytes.size();
        return write_all(out, bytes);
    }
    error_code write_record(std::string_view effects, wall_time at) {
        std::string bytes;
        append_record(bytes, {next_sequence++, at, effects});
        return write(bytes);
    }
    error_code write_kept() {
        for (const auto& [at, effects] : kept)
            if (auto ec = write_record(effects, at)) return ec;
        return {};
    }
};

}  // namespace holdfast::embedded
