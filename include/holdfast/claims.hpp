// What a token says about its bearer (RFC 7519), read strictly and written in one fixed form.
#pragma once

#include "holdfast/error.hpp"
#include "holdfast/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast {

/// The claims Holdfast knows, and the rest as the JSON they came in.
///
/// Texts are UTF-8 without control characters, so they may stand in an HTTP header or a log line.
/// Times are whole seconds.
struct token_claims {
    std::string guard;             ///< `iss`: which guard issued it
    std::string subject;           ///< `sub`: the user; a seed token's `jti`
    std::string sid = {};          ///< session; empty in seed tokens. Letters, digits, `-` and `_`
    std::uint64_t generation = 0;  ///< `gen`: rises by one with every renewal of the session
    std::uint64_t user_epoch = 0;  ///< `ue`: tokens of a lower epoch than the user's are dead
    std::string jti = {};          ///< names this token, not its spelling
    std::vector<std::string> audience = {};    ///< `aud`
    wall_time expires_at = {};                 ///< `exp`: dead at this instant and after
    std::optional<wall_time> not_before = {};  ///< `nbf`
    std::optional<wall_time> issued_at = {};   ///< `iat`
    std::optional<wall_time> auth_time = {};   ///< when the user gave credentials
    std::string extra = {};  ///< all other members, as the inside of an object: `"a":1,"b":"x"`

    /// The payload: members in the order iss, sub, aud, exp, nbf, iat, auth_time, jti, sid, gen,
    /// ue, extra; absent ones left out. Equal claims give equal bytes on every node. The texts must
    /// be within the limits parse() checks.
    std::string to_json() const;

    /// errc::token_malformed: not one strict JSON object. errc::token_claims: iss, exp or both sub
    /// and jti are missing, or a claim is of a wrong type or out of bounds: texts of 1 to 255
    /// bytes, times from 0 to the end of the year 9999, gen and ue below 2^53, at most 16
    /// audiences. Fractions of a second are cut. Nothing is judged against a clock.
    static result<token_claims> parse(std::string_view json);

    friend bool operator==(const token_claims&, const token_claims&) = default;
};

/// Checks a JSON object of further claims and gives what `extra` wants: errc::invalid_argument when
/// it is not a strict object or has a member that Holdfast writes itself.
result<std::string> parse_extra_claims(std::string_view object);

}  // namespace holdfast
