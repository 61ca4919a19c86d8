// Writing and reading journal records.
#include "store/embedded/journal_format.hpp"

#include "store/embedded/crc32c.hpp"

#include <optional>

namespace holdfast::embedded {
namespace {

constexpr std::string_view mark = "HFRC";
constexpr std::size_t length_at = 4;
constexpr std::size_t sum_at = 8;
constexpr std::size_t body_at = 12;
constexpr std::size_t body_fixed = 16;

template <class T>
void put(std::string& to, T number) {
    for (std::size_t i = 0; i < sizeof(T); ++i)
        to += static_cast<char>(static_cast<std::uint64_t>(number) >> (8 * i));
}

std::uint64_t get(std::string_view from, std::size_t at, std::size_t size) noexcept {
    std::uint64_t number = 0;
    for (std::size_t i = size; i-- > 0;)
        number = number << 8 | static_cast<unsigned char>(from[at + i]);
    return number;
}

struct parsed {
    journal_record record;
    std::size_t size;
};

std::optional<parsed> parse_record(std::string_view from) noexcept {
    if (from.size() < body_at + body_fixed || !from.starts_with(mark)) return std::nullopt;
    const auto length = static_cast<std::size_t>(get(from, length_at, 4));
    if (length < body_fixed || length > from.size() - body_at) return std::nullopt;
    const auto body = from.substr(body_at, length);
    const auto sum = crc32c(body, crc32c(from.substr(length_at, 4)));
    if (sum != get(from, sum_at, 4)) return std::nullopt;
    journal_record record;
    record.sequence = get(body, 0, 8);
    record.at = wall_time{microseconds{static_cast<std::int64_t>(get(body, 8, 8))}};
    record.effects = body.substr(body_fixed);
    return parsed{record, body_at + length};
}

bool any_record_after(std::string_view file, std::size_t at) noexcept {
    for (at = file.find(mark, at); at != file.npos; at = file.find(mark, at + 1))
        if (parse_record(file.substr(at))) return true;
    return false;
}

}  // namespace

bool is_of_other_version(std::string_view file) noexcept {
    const auto digit = journal_header.size() - 2;
    return file.size() >= journal_header.size() && !file.starts_with(journal_header) &&
           file.substr(0, digit) == journal_header.substr(0, digit) && file[digit] >= '0' &&
           file[digit] <= '9' && file[digit + 1] == '\n';
}

void append_record(std::string& to, const journal_record& record) {
    const auto start = to.size();
    to += mark;
    put(to, static_cast<std::uint32_t>(body_fixed + record.effects.size()));
    put(to, std::uint32_t{0});
    put(to, record.sequence);
    put(to, static_cast<std::uint64_t>(record.at.time_since_epoch().count()));
    to += record.effects;
    const std::string_view written = std::string_view(to).substr(start);
    const auto sum = crc32c(written.substr(body_at), crc32c(written.substr(length_at, 4)));
    for (std::size_t i = 0; i < 4; ++i) to[start + sum_at + i] = static_cast<char>(sum >> (8 * i));
}

journal_scan scan_journal(std::string_view file,
                          const std::function<bool(const journal_record&)>& apply) {
    journal_scan scan;
    std::size_t at = 0;
    if (file.starts_with(journal_header)) {
        at = journal_header.size();
        while (at < file.size()) {
            const auto next = parse_record(file.substr(at));
            if (!next) break;
            if (next->record.sequence != scan.last_sequence + 1) break;
            if (!apply(next->record)) break;
            at += next->size;
            ++scan.records;
            scan.last_sequence = next->record.sequence;
            scan.last_at = next->record.at;
        }
    }
    scan.sound_bytes = at;
    if (at < file.size())
        scan.end = any_record_after(file, at) ? journal_end::damaged : journal_end::torn;
    return scan;
}

}  // namespace holdfast::embedded
