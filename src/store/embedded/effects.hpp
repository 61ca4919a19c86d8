// What a script changed, as commands that give the same state when replayed, at any later time.
#pragma once

#include <functional>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace holdfast::embedded {

/// A command's name and arguments; views valid during the call.
using arguments = std::span<const std::string_view>;

/// Deterministic write commands: instants absolute, generated ids spelled out, options that ask for
/// the present state ("NX") already decided. Encoded as it grows, because recording is on the hot
/// path of every script.
class effects {
public:
    void add(arguments command);
    void add(std::initializer_list<std::string_view> command) {
        add(arguments(command.begin(), command.size()));
    }
    void clear() noexcept { bytes_.clear(); }
    bool empty() const noexcept { return bytes_.empty(); }
    const std::string& bytes() const noexcept { return bytes_; }

    /// Calls back with each command in turn; false when the bytes are not a sequence of commands.
    static bool for_each(std::string_view bytes, const std::function<void(arguments)>& apply);

private:
    std::string bytes_;
};

/// Unsigned LEB128, as the journal writes counts and lengths.
void append_varint(std::string& to, std::uint64_t number);
/// Takes one from the front; false when there is none.
bool take_varint(std::string_view& from, std::uint64_t& number) noexcept;

}  // namespace holdfast::embedded
