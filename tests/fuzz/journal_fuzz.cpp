// Whatever lies in the data folder as a journal: the store opens, keeps what is sound before the
// damage, and finds nothing to mend the next time.
#include "fuzz/require.hpp"
#include "store/embedded/disk_journal.hpp"
#include "store/embedded/replay.hpp"
#include "support/child_process.hpp"

#include <cstdint>
#include <filesystem>
#include <fstream>

namespace {

using namespace holdfast;
using namespace holdfast::embedded;
using fuzz::require;

std::string contents(const keyspace& keys) {
    std::string all;
    dump(keys, [&](const effects& piece) { all += piece.bytes(); });
    return all;
}

/// Sound records around pieces of the input, parted by zero bytes, then the last piece as it is.
std::string journal_around(std::string_view input) {
    std::string file(journal_header);
    std::uint64_t sequence = 0;
    for (auto end = input.find('\0'); end != input.npos; end = input.find('\0')) {
        append_record(file, {++sequence, from_unix_seconds(1'700'000'000), input.substr(0, end)});
        input.remove_prefix(end + 1);
    }
    return file.append(input);
}

/// Effects that change something, so that there is something to lose.
std::string sound_journal(std::size_t records) {
    std::string file(journal_header);
    for (std::size_t i = 1; i <= records; ++i) {
        effects changes;
        changes.add({"SET", "k" + std::to_string(i % 7), std::to_string(i)});
        append_record(file, {i, from_unix_seconds(1'700'000'000), changes.bytes()});
    }
    return file;
}

void open_twice(const std::string& bytes) {
    static const test::temporary_folder home;
    const auto folder = home.path() + "/data";
    std::filesystem::remove_all(folder);
    std::filesystem::create_directory(folder);
    std::ofstream(folder + "/journal", std::ios::binary) << bytes;
    std::string first, why;
    for (int time = 0; time < 2; ++time) {
        keyspace keys;
        const auto opened =
            disk_journal::open(folder, {}, logger(log_level::off, log_format::text), keys, why);
        require(opened.has_value() != is_of_other_version(bytes));
        if (!opened) return;
        if (time == 0) first = contents(keys);
        require(contents(keys) == first);
    }
    std::error_code ignored;
    std::size_t put_aside = 0;
    for (const auto& each : std::filesystem::directory_iterator(folder, ignored))
        put_aside += each.path().filename().string().starts_with("journal.damaged-") ? 1 : 0;
    require(put_aside <= 1);  // the second time there was nothing to mend
}

}  // namespace

// First byte: 0 the file as it is; 1 sound records around the input; 2 a sound journal cut at a
// place the input names; 3 the same with bytes changed. One second byte in 64 takes the file
// through the disk.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 4) return 0;
    const std::string_view input(reinterpret_cast<const char*>(data) + 3, size - 3);
    const int how = data[0] % 4;
    auto bytes = how == 0   ? std::string(input)
                 : how == 1 ? journal_around(input)
                            : sound_journal(1 + size % 9);
    const auto before = scan_journal(bytes, [](const auto&) { return true; });
    if (how >= 2) {
        for (std::size_t i = 0; how == 3 && i + 1 < input.size(); i += 2)
            bytes[data[i + 3] % bytes.size()] = input[i + 1];
        bytes.resize(bytes.size() - std::min<std::size_t>(data[2], bytes.size()));
    }
    keyspace keys;
    const auto scan =
        scan_journal(bytes, [&](const auto& record) { return replay(keys, record.effects); });
    require(scan.sound_bytes <= bytes.size());
    require((scan.end == journal_end::clean) == (scan.sound_bytes == bytes.size()));
    if (how == 2) {  // only torn: every whole record is there
        require(scan.end != journal_end::damaged && scan.records <= before.records);
        require(bytes.size() < journal_header.size() || scan.sound_bytes + 64 > bytes.size());
    }
    if (data[1] % 64 == 63) open_twice(bytes);
    return 0;
}
