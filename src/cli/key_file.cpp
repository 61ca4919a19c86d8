// Reads key files and says what is wrong with them.
#include "cli/key_file.hpp"

#include "cli/command.hpp"
#include "cli/read_file.hpp"
#include "token/jws/json.hpp"

#include <optional>

namespace holdfast::cli {
namespace {

std::string key_text(const std::string& path) {
    auto text = read_file(path);
    if (!text)
        throw command_failure(exit_code::usage,
                              "cannot read the key file " + path + "; give --key a readable file");
    return std::move(*text);
}

std::optional<std::string_view> keys_of_set(std::string_view json, const std::string& path) {
    std::optional<std::string_view> keys;
    json_object_reader reader(json);
    json_member member;
    while (reader.next(member))
        if (member.name == "keys" && member.value.is(json_kind::array)) keys = member.value.raw;
    if (!reader.ok())
        throw command_failure(exit_code::usage, path +
                                                    " is not a JSON object; --key wants a JWK or a "
                                                    "JWK Set (RFC 7517)");
    return keys;
}

std::vector<std::string_view> jwks_of(std::string_view json, const std::string& path) {
    const auto set = keys_of_set(json, path);
    if (!set) return {json};
    std::vector<std::string_view> found;
    json_array_reader items(*set);
    json_value item;
    while (items.next(item)) found.push_back(item.raw);
    return found;
}

key_result<jws_key> load(std::string_view jwk, std::optional<jws_algorithm> algorithm) {
    return algorithm ? jws_key::from_jwk(jwk, *algorithm) : jws_key::from_jwk(jwk);
}

}  // namespace

key_ring read_key_file(const std::string& path, const std::string& algorithm) {
    const auto wanted = find_algorithm(algorithm);
    if (!algorithm.empty() && !wanted)
        throw command_failure(exit_code::usage, "unknown algorithm " + algorithm +
                                                    "; one of HS, RS, PS, ES with 256, 384 or 512, "
                                                    "or EdDSA");
    const auto text = key_text(path);
    std::vector<ring_key> keys;
    const char* reason = "it holds no key";
    for (const auto jwk : jwks_of(text, path)) {
        auto key = load(jwk, wanted);
        if (!key)
            reason = describe(key.error());
        else
            keys.push_back({std::make_shared<const jws_key>(std::move(*key)), key_role::retired});
    }
    if (keys.empty())
        throw command_failure(exit_code::no, "the key in " + path + " is refused: " + reason +
                                                 "; no token can be valid under it");
    auto ring = key_ring::make(std::move(keys));
    if (!ring)
        throw command_failure(exit_code::usage,
                              path + " holds more than 16 keys or one kid twice; give fewer keys");
    return std::move(*ring);
}

}  // namespace holdfast::cli
