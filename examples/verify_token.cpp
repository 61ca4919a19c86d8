// Verifies a bearer token with the shared secret: what a C++ service does before it serves.
//
// Usage: verify_token [GUARD SECRET TOKEN]     (default: a token of this example, at its time)
#include "holdfast/open.hpp"
#include "holdfast/token_verifier.hpp"

#include <cstdio>
#include <string>

namespace {

constexpr const char* example_secret = "only an example: 32 bytes or more";
constexpr const char* example_token =
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"
    ".eyJpc3MiOiJhcHAiLCJzdWIiOiI0MiIsImV4cCI6MTgwMDA0MzIwMCwiaWF0IjoxODAwMDAwMDA"
    "wLCJqdGkiOiJxMGQybTdaczFmUGE4ZTRSIiwic2lkIjoiWmszVjBiWGg5UW1KdzVjMSIsImdlbiI"
    "6MSwidWUiOjB9."
    "OZyxar9vEpGVzo1Sns6NcLQ7Xine9mQnm4zQVuheNns";

}  // namespace

int main(int argc, char** argv) {
    const bool given = argc == 4;
    boost::asio::io_context context;
    const auto rt = holdfast::make_runtime(context);
    const auto now = given ? rt->wall_now() : holdfast::from_unix_seconds(1'800'000'060);

    const auto verifier = holdfast::token_verifier::from_secret({.guard = given ? argv[1] : "app"},
                                                                given ? argv[2] : example_secret);
    if (!verifier) {
        std::fprintf(stderr, "the secret will not do: give at least 32 bytes\n");
        return 2;
    }
    const auto claims = verifier->verify(given ? argv[3] : example_token, now);
    if (!claims) {
        std::fprintf(stderr, "refused: %s\n", claims.error().message().c_str());
        return 1;
    }
    std::printf("user %s, session %s, generation %llu\n", claims->subject.c_str(),
                claims->sid.c_str(), static_cast<unsigned long long>(claims->generation));
    return 0;
}
