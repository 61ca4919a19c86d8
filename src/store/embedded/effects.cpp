// Encoding of effects: argument count, then length and bytes of each argument.
#include "store/embedded/effects.hpp"

#include <cstdint>
#include <vector>

namespace holdfast::embedded {

void append_varint(std::string& to, std::uint64_t number) {
    for (; number >= 0x80; number >>= 7) to += static_cast<char>((number & 0x7f) | 0x80);
    to += static_cast<char>(number);
}

bool take_varint(std::string_view& from, std::uint64_t& number) noexcept {
    number = 0;
    for (unsigned shift = 0; shift < 64 && !from.empty(); shift += 7) {
        const auto byte = static_cast<unsigned char>(from.front());
        from.remove_prefix(1);
        number |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
        if ((byte & 0x80) == 0) return true;
    }
    return false;
}

void effects::add(arguments command) {
    append_varint(bytes_, command.size());
    for (const auto argument : command) {
        append_varint(bytes_, argument.size());
        bytes_ += argument;
    }
}

bool effects::for_each(std::string_view bytes, const std::function<void(arguments)>& apply) {
    std::vector<std::string_view> command;
    while (!bytes.empty()) {
        std::uint64_t count = 0;
        if (!take_varint(bytes, count) || count == 0 || count > bytes.size()) return false;
        command.clear();
        for (; count > 0; --count) {
            std::uint64_t length = 0;
            if (!take_varint(bytes, length) || length > bytes.size()) return false;
            command.push_back(bytes.substr(0, length));
            bytes.remove_prefix(length);
        }
        apply(command);
    }
    return true;
}

}  // namespace holdfast::embedded
