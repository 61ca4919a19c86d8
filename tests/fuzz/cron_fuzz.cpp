// libFuzzer: whatever the text, parsing ends, and what it accepts keeps its promises.
#include "fuzz/require.hpp"
#include "holdfast/cron.hpp"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace holdfast;
    using fuzz::require;
    if (size < 9) return 0;
    const auto dialect = static_cast<cron_dialect>(data[0] & 3);
    std::int64_t base = 0;
    for (int i = 1; i < 9; ++i) base = base << 8 | data[i];
    const std::string_view text(reinterpret_cast<const char*>(data) + 9, size - 9);
    static const time_zone zones[] = {time_zone::utc(), time_zone::find("America/New_York").value(),
                                      time_zone::find("Australia/Lord_Howe").value()};
    cron_problem why;
    const auto parsed =
        cron_expression::parse(text, dialect, static_cast<std::uint64_t>(base), &why);
    if (!parsed) {
        require(!why.message.empty() && why.position <= text.size());
        return 0;
    }
    require(cron_expression::parse(parsed->text(), dialect).value() == *parsed);
    require(!parsed->describe().empty());
    const auto& zone = zones[data[0] >> 2 & 1 ? 1 : data[0] >> 3 & 1 ? 2 : 0];
    const auto from = from_unix_seconds(base % 253'402'300'799);
    const auto next = parsed->next_after(from, zone);
    require(!next || *next > from);
    require(!next || parsed->matches(*next, zone));
    return 0;
}
