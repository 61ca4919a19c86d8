// The bytes of a journal: a header, then records that each prove themselves.
#pragma once

#include "holdfast/time.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace holdfast::embedded {

/// A file starts with this.
inline constexpr std::string_view journal_header = "HFJRNL1\n";
/// Whether a file starts with the header of another version than this one's.
bool is_of_other_version(std::string_view file) noexcept;

/// The effects of one script: all of them are in the journal or none. Sequence numbers of a file
/// start at 1 and rise by one, so a record that vanished is noticed.
struct journal_record {
    std::uint64_t sequence = 0;
    wall_time at{};
    std::string_view effects;
};

/// Little-endian: mark "HFRC", body length (4), CRC-32C of length and body (4), then the body:
/// sequence (8), instant in microseconds (8), effects.
void append_record(std::string& to, const journal_record& record);

enum class journal_end {
    clean,    ///< the last byte belongs to a record
    torn,     ///< what follows the last record is the beginning of one, or nothing recognisable
    damaged,  ///< sound records follow a damaged or missing one
};

struct journal_scan {
    std::size_t sound_bytes = 0;  ///< header and the records given to `apply`
    std::uint64_t records = 0;
    std::uint64_t last_sequence = 0;
    wall_time last_at{};
    journal_end end = journal_end::clean;
};

/// Reads records from the start until one is damaged, missing, or refused by `apply`. Never reads
/// past `file`, whatever it contains.
journal_scan scan_journal(std::string_view file,
                          const std::function<bool(const journal_record&)>& apply);

}  // namespace holdfast::embedded
