// Scheme, folder, parameter.
#include "client/embedded_url.hpp"

#include <charconv>

namespace holdfast {
namespace {

constexpr std::size_t least_memory = std::size_t{1} << 20;
constexpr std::size_t most_memory = std::size_t{1} << 50;

/// 0 when the text is no size.
std::size_t read_size(std::string_view text) {
    std::size_t number = 0;
    const auto* end = text.data() + text.size();
    const auto [stop, failed] = std::from_chars(text.data(), end, number);
    if (failed != std::errc()) return 0;
    const std::string_view unit(stop, static_cast<std::size_t>(end - stop));
    unsigned shift = 0;
    if (unit == "kb")
        shift = 10;
    else if (unit == "mb")
        shift = 20;
    else if (unit == "gb")
        shift = 30;
    else if (!unit.empty())
        return 0;
    return number > most_memory >> shift ? 0 : number << shift;
}

}  // namespace

result<embedded_url> parse_embedded_url(std::string_view url, std::string& why) {
    constexpr std::string_view parameter = "max_memory=";
    embedded_url read;
    const auto question = url.find('?');
    const auto place = url.substr(0, question);
    if (question != url.npos) {
        if (!url.substr(question + 1).starts_with(parameter)) {
            why = "an embedded store has no parameter but max_memory=SIZE; correct the store url";
            return errc::invalid_argument;
        }
        const auto size = url.substr(question + 1 + parameter.size());
        read.max_memory = read_size(size);
        if (read.max_memory < least_memory) {
            why = "max_memory=" + std::string(size) +
                  " is no size; write digits and kb, mb or gb, at least 1mb";
            return errc::invalid_argument;
        }
    }
    if (place == "memory:") return read;
    read.folder = place.substr(place.find(':') + 1);
    if (!read.folder.empty()) return read;
    why = "embedded: names no folder; write embedded:FOLDER";
    return errc::invalid_argument;
}

}  // namespace holdfast
