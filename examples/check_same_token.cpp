// A call between services: the sender shows the fleet's Same-Token, the receiver checks it.
//
// Usage: check_same_token [STORE_URL]     (default: memory:)
#include "holdfast/open.hpp"
#include "holdfast/same_token.hpp"

#include <boost/asio/co_spawn.hpp>

#include <cstdio>
#include <string>

namespace {

holdfast::task<bool> send_and_check(holdfast::same_token_service& service) {
    const auto rotated = co_await service.rotate();  // a schedule calls this in every instance
    if (!rotated) co_return false;

    const auto shown = service.current();  // the sender: as header SA-SAME-TOKEN
    if (!shown) co_return false;

    const auto verdict = co_await service.check(*shown);  // the receiver
    const auto forged = co_await service.check(std::string(64, 'x'));
    if (!verdict || !forged) co_return false;  // the store is away: 503, never 401
    co_return *verdict != holdfast::same_token_match::refused &&
        *forged == holdfast::same_token_match::refused;
}

}  // namespace

int main(int argc, char** argv) {
    boost::asio::io_context context;
    const auto rt = holdfast::make_runtime(context);
    const auto state = holdfast::store_at(argc > 1 ? argv[1] : "memory:")(*rt);
    holdfast::same_token_service service(*rt, *state, holdfast::null_journal(), {});
    bool good = false;
    boost::asio::co_spawn(context, send_and_check(service), [&](std::exception_ptr, bool checked) {
        good = checked;
        context.stop();
    });
    context.run();
    std::printf("%s\n", good ? "the fleet's token passes, another is refused" : "that went wrong");
    return good ? 0 : 1;
}
