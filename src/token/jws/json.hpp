// A strict JSON reader that allocates nothing: what a token's header and payload may contain.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast {

/// Limits, beyond the grammar of RFC 8259. Refused besides: duplicate member names (also when one
/// is written with escapes), invalid UTF-8, lone surrogates, U+0000, numbers no double can hold,
/// and anything but white space after the value.
struct json_limits {
    static constexpr int depth = 16;
    static constexpr std::size_t members = 64;      ///< of one object
    static constexpr std::size_t name_bytes = 128;  ///< of one member name, as written
    static constexpr std::size_t number_chars = 64;
};

/// A string as it stands between its quotes. Made by the readers below, which have checked it.
struct json_text {
    constexpr json_text() = default;
    constexpr explicit json_text(std::string_view text, bool with_escapes = false)
        : raw(text), escaped(with_escapes) {}

    std::string_view raw = {};
    bool escaped = false;

    bool operator==(std::string_view plain) const noexcept {
        return escaped ? decodes_to(plain) : raw == plain;
    }
    std::string str() const;

private:
    bool decodes_to(std::string_view plain) const noexcept;
};

enum class json_kind { null, boolean, number, string, array, object };

/// One value. `raw` is the text of the value, without the quotes of a string.
struct json_value {
    json_kind kind = json_kind::null;
    std::string_view raw = {};
    bool escaped = false;

    bool is(json_kind k) const noexcept { return kind == k; }
    /// Of a string.
    json_text text() const noexcept { return json_text(raw, escaped); }
    /// Of a number that is whole and not negative, written in digits only, at most `most`.
    std::optional<std::uint64_t> whole(std::uint64_t most) const noexcept;
};

struct json_member {
    json_text name;
    json_value value;
};

/// The names one object has had so far.
class json_name_set {
public:
    /// False when the name was there already or there are too many.
    bool add(const json_text& name) noexcept;

private:
    struct entry {  // left uninitialised until used: this array lies on hot stacks
        const char* text;
        std::uint32_t size;
        bool escaped;
    };
    std::size_t count_ = 0;
    std::array<entry, json_limits::members> names_;
};

/// Reads the members of one object in order; nested values are checked and passed over. The text
/// must outlive the reader and everything it gave out.
class json_object_reader {
public:
    explicit json_object_reader(std::string_view text) noexcept
        : at_(text.data()), end_(text.data() + text.size()) {}

    /// False at the end and at the first fault.
    bool next(json_member& member) noexcept;
    /// After next() said false: whether the whole text was one well-formed object.
    bool ok() const noexcept { return state_ == state::done; }

private:
    enum class state { start, inside, last, done, failed };
    const char* at_;
    const char* end_;
    state state_ = state::start;
    json_name_set names_;
};

/// Reads the items of an array whose text came out of a reader.
class json_array_reader {
public:
    explicit json_array_reader(std::string_view checked) noexcept
        : at_(checked.data() + 1), end_(checked.data() + checked.size()) {}
    bool next(json_value& item) noexcept;

private:
    const char* at_;
    const char* end_;
};

}  // namespace holdfast
