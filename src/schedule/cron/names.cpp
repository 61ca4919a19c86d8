// The names of the dialects.
#include "holdfast/cron.hpp"

namespace holdfast {
namespace {

constexpr std::array<std::string_view, 4> names{"holdfast", "spring", "quartz", "vixie"};

}  // namespace

std::string_view name_of(cron_dialect dialect) noexcept {
    return names[static_cast<std::size_t>(dialect)];
}

std::optional<cron_dialect> cron_dialect_of(std::string_view name) noexcept {
    for (std::size_t i = 0; i < names.size(); ++i)
        if (names[i] == name) return static_cast<cron_dialect>(i);
    return {};
}

}  // namespace holdfast
