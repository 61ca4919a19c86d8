// Reading and making signing keys.
#include "cli/serve/signing_keys.hpp"

#include "base/encode.hpp"
#include "cli/command.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

namespace holdfast::cli {
namespace {

constexpr std::size_t random_secret_bytes = 48;

[[noreturn]] void refuse(const std::string& what, const std::string& why) {
    throw command_failure(exit_code::usage, what + ": " + why);
}

std::optional<std::string> read_text(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) return std::nullopt;
    return std::string{std::istreambuf_iterator<char>(in), {}};
}

std::string random_secret(runtime& rt) {
    std::array<char, random_secret_bytes> bytes{};
    rt.fill_random(std::as_writable_bytes(std::span(bytes)));
    return base64url_encode(std::string_view(bytes.data(), bytes.size()));
}

void write_private_file(const std::string& path, std::string_view text) {
    const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) refuse(path, std::string(std::strerror(errno)) + "; make the data folder writable");
    const auto written = write(fd, text.data(), text.size());
    const bool whole = written == static_cast<ssize_t>(text.size()) && fsync(fd) == 0;
    close(fd);
    if (!whole) refuse(path, "cannot be written; is the disk full?");
}

// link() refuses an existing name, so of several processes that start at once the first one's
// secret becomes everybody's.
std::string secret_of_folder(const std::string& folder, runtime& rt) {
    const auto path = folder + "/jwt.secret";
    if (!std::filesystem::exists(path)) {
        const auto draft = path + "." + random_secret(rt).substr(0, 12);
        write_private_file(draft, random_secret(rt));
        if (link(draft.c_str(), path.c_str()) != 0 && errno != EEXIST)
            refuse(path, std::strerror(errno));
        unlink(draft.c_str());
    }
    const auto text = read_text(path);
    if (!text || text->size() < 32)
        refuse(path, "is not a secret of at least 32 bytes; remove it to get a new one");
    return *text;
}

std::shared_ptr<const jws_key> key_of_secret(std::string_view secret) {
    auto key = jws_key::from_secret(secret, jws_algorithm::hs256);
    if (!key) refuse("jwt.secret", describe(key.error()));
    return std::make_shared<const jws_key>(std::move(*key));
}

key_role role_of(key_config::role use) noexcept {
    switch (use) {
        case key_config::role::current: return key_role::current;
        case key_config::role::next: return key_role::next;
        case key_config::role::retired: return key_role::retired;
    }
    return key_role::retired;
}

std::optional<jws_algorithm> algorithm_of(const key_config& from) {
    if (from.algorithm.empty()) return std::nullopt;
    const auto found = find_algorithm(from.algorithm);
    if (!found)
        refuse("jwt.keys: " + from.file,
               "unknown alg " + from.algorithm +
                   "; one of HS, RS, PS, ES with 256, 384 or 512, or EdDSA");
    return found;
}

ring_key read_key(const key_config& from) {
    const auto text = read_text(from.file);
    if (!text)
        refuse("jwt.keys: " + from.file, "cannot be read; check the path and its permissions");
    const auto algorithm = algorithm_of(from);
    const bool jwk = text->find_first_not_of(" \t\r\n") == text->find('{');
    auto key = !jwk        ? jws_key::from_pem(*text, algorithm)
               : algorithm ? jws_key::from_jwk(*text, *algorithm)
                           : jws_key::from_jwk(*text);
    if (!key) refuse("jwt.keys: " + from.file, describe(key.error()));
    if (!from.kid.empty())
        key->set_kid(from.kid);
    else if (key->kid().empty())
        key->set_kid(key->thumbprint());
    return {std::make_shared<const jws_key>(std::move(*key)), role_of(from.use)};
}

}  // namespace

key_ring_ptr load_signing_keys(const config& from, runtime& rt) {
    std::vector<ring_key> keys;
    bool signs = false;
    for (const auto& key : from.jwt.keys) {
        keys.push_back(read_key(key));
        signs = signs || keys.back().role == key_role::current;
    }
    const auto role = signs ? key_role::retired : key_role::current;
    if (!from.jwt.secret.empty())
        keys.push_back({key_of_secret(from.jwt.secret.reveal()), role});
    else if (keys.empty())
        keys.push_back({key_of_secret(secret_of_folder(from.data_folder, rt)), role});
    auto ring = key_ring::make(std::move(keys));
    if (!ring)
        refuse("jwt.keys",
               "give exactly one key with use: current that has its private part, and each "
               "kid once; at most 16 keys");
    return std::make_shared<const key_ring>(std::move(*ring));
}

bool uses_local_secret(const config& from) noexcept {
    return from.jwt.secret.empty() && from.jwt.keys.empty();
}

}  // namespace holdfast::cli
