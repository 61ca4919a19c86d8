// Whatever a client sends: the head is taken or refused, the same in any pieces, and what the
// router and the readers of fields do with it ends in one answer.
#include "fuzz/require.hpp"
#include "http/bearer.hpp"
#include "http/chunked_decoder.hpp"
#include "http/client_address.hpp"
#include "http/credentials_body.hpp"
#include "http/parameters.hpp"
#include "http/request_parser.hpp"
#include "http/router.hpp"
#include "runtime/asio_runtime.hpp"

#include <boost/asio/co_spawn.hpp>

#include <cstdint>
#include <optional>

namespace {

using namespace holdfast;
using namespace holdfast::http;
using fuzz::require;

task<response> read_everything(const request& asked) {
    static const std::vector<std::string> proxies{"127.0.0.1"};
    response made(200);
    made.header("X-Echo", asked.query);
    (void)read_bearer(asked.headers);
    (void)read_basic(asked.headers);
    (void)find_parameter(asked.query, "guard");
    (void)address_of_client(asked, proxies);
    (void)read_credentials(asked.body);
    co_return made;
}

/// The router of a small server, and the loop its answers run on.
struct served {
    served() {
        routes.add("/a", {"GET, POST"}, read_everything);
        routes.add_tree("/tree", {}, read_everything);
    }
    int status_of(const request& asked) {
        auto given = routes.answer(asked);
        if (const auto* now = given.ready()) return now->status();
        std::optional<int> status;
        boost::asio::co_spawn(context, given.later(),
                              [&](std::exception_ptr failed, response made) {
                                  require(!failed);
                                  const auto& fields = made.fields();
                                  require(fields.find("\r\n\r\n") == fields.npos);
                                  status = made.status();
                              });
        context.restart();
        context.run();
        return status.value();
    }
    boost::asio::io_context context;
    asio_runtime runtime{context};
    metrics counts;
    router routes{runtime, counts, logger(log_level::off, log_format::text)};
};

progress feed(request_parser& parser, std::string_view input, std::size_t step) {
    auto state = progress::more;
    for (std::size_t end = 0; state == progress::more && end < input.size();) {
        end = std::min(end + step, input.size());
        state = parser.feed(input.substr(0, end));
    }
    return state;
}

void check_head(const request& asked) {
    require(!asked.method.empty() && !asked.target.empty());
    require(asked.target.front() == '/' || asked.target == "*");
    for (const auto& field : asked.headers.all()) {
        require(!field.name.empty());
        require(field.value.find_first_of(std::string_view("\r\n\0", 3)) == field.value.npos);
    }
}

void check_body(const request_parser& parser, std::string_view rest, request& asked,
                const limits& within) {
    if (!parser.chunked()) {
        require(parser.content_length() <= within.body);
        asked.body = rest.substr(0, parser.content_length());
        return;
    }
    chunked_decoder decoder(within);
    if (decoder.feed(rest) != progress::done) return;
    require(decoder.size() <= rest.size() && decoder.body().size() <= within.body);
    const std::string body(decoder.body());
    asked.body = {};
    (void)read_credentials(body);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) return 0;
    static served server;
    static const limits within{512, 8, 256};
    const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
    request_parser whole(within), pieces(within);
    const auto state = feed(whole, input, input.size() + 1);
    require(feed(pieces, input, 1 + data[0] % 8) == state);
    if (state == progress::refused)
        require(whole.refused().status == pieces.refused().status &&
                whole.refused().status >= 400 && !whole.refused().why.empty());
    if (state != progress::done) return 0;
    require(whole.head_size() == pieces.head_size() && whole.head_size() <= input.size());
    request asked;
    whole.fill(asked, input);
    asked.remote_address = "127.0.0.1";
    asked.id = "fuzz";
    check_head(asked);
    check_body(whole, input.substr(whole.head_size()), asked, within);
    const auto status = server.status_of(asked);
    require(status == 200 || status == 404 || status == 405);
    return 0;
}
