// An HTTP request as handlers read it and a response as they write it.
#pragma once

#include "holdfast/error.hpp"
#include "holdfast/runtime.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace holdfast::http {

struct header_field {
    std::string_view name;
    std::string_view value;  ///< without white space around it
};

/// Header fields in the order received; names compare without regard to case.
class header_list {
public:
    void add(std::string_view name, std::string_view value) { fields_.push_back({name, value}); }
    void clear() noexcept { fields_.clear(); }

    /// The first value; nothing when the field is absent. A present, empty field is "".
    std::optional<std::string_view> find(std::string_view name) const noexcept;
    std::size_t count(std::string_view name) const noexcept;
    const std::vector<header_field>& all() const noexcept { return fields_; }

private:
    std::vector<header_field> fields_;
};

/// One complete request: head and body have arrived and are well-formed.
///
/// All views point into the connection's buffer: they are good until the handler's task ends, and
/// whoever wants to keep one copies it.
struct request {
    std::string_view method;  ///< a token, as sent: "GET"
    std::string_view target;  ///< as sent, begins with '/' (or is "*")
    std::string_view path;    ///< the target before '?', not decoded
    std::string_view query;   ///< after '?', not decoded
    header_list headers;
    std::string_view body;            ///< chunks joined
    std::string_view remote_address;  ///< numeric, of the TCP peer
    std::string_view id;              ///< from X-Request-Id when that is sane, else made here
    steady_time complete_at{};        ///< when its last byte had been read
};

/// What to answer. Content-Length, Date, Connection and X-Request-Id are the server's business.
class response {
public:
    explicit response(int status = 200) : status_(status) {}

    int status() const noexcept { return status_; }
    void set_status(int status) noexcept { status_ = status; }

    /// Appends a field. Control characters in the value become '?', so no value can start a field
    /// of its own. The name is ours and is not checked.
    response& header(std::string_view name, std::string_view value);
    /// Appends fields of ours as they go on the wire, each ended by CR LF; they are not checked.
    response& constant_fields(std::string_view lines);
    /// Sets the body and its Content-Type.
    response& content(std::string_view type, std::string text);

    /// The fields as they go on the wire, each ended by CR LF.
    const std::string& fields() const noexcept { return fields_; }
    const std::string& body() const noexcept { return body_; }
    /// The first value of a field set before; for tests and decorators.
    std::optional<std::string_view> find(std::string_view name) const noexcept;

private:
    int status_;
    std::string fields_;
    std::string body_;
};

/// What a handler gives back: the response, or a task for it when something has to be waited for.
/// Most requests need no waiting, and a coroutine costs more than the rest of their way.
class answering {
public:
    answering(response now) : what_(std::move(now)) {}
    answering(task<response> later) : what_(std::move(later)) {}

    /// Null: wait for later().
    response* ready() noexcept { return std::get_if<response>(&what_); }
    /// Only when not ready(), and once.
    task<response> later() { return std::move(std::get<task<response>>(what_)); }

private:
    std::variant<response, task<response>> what_;
};

/// Answers one request. The request outlives the returned task. An exception becomes a 500.
using handler = std::function<answering(const request&)>;

/// "Not Found" for 404; "Status" for a number without a usual phrase.
std::string_view reason_phrase(int status) noexcept;

namespace detail {
bool same_letters(std::string_view a, std::string_view b) noexcept;
}

/// Equal without regard to the case of ASCII letters.
inline bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
    return a.size() == b.size() && detail::same_letters(a, b);
}

}  // namespace holdfast::http
