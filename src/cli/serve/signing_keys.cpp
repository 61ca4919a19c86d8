// Reading and making signing keys.
#include "cli/serve/signing_keys.hpp"

#include "base/encode.hpp"
#include "cli/command.hpp"
#include "cli/config/yaml_map.hpp"
#include "cli/read_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>

namespace holdfast::cli {
namespace {

constexpr std::size_t random_secret_bytes = 48;

[[noreturn]] void refuse(const std::string& what, const std::string& why) {
    throw command_failure(exit_code::usage, what + ": " + why);
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
    const auto text = read_file(path);
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

/// What is wrong with a key of the file, where it stands there.
class key_entry {
public:
    key_entry(const config& from, const key_config& key) : file_(from.file), key_(key) {}
    [[noreturn]] void refuse(const std::string& why) const {
        fail_in_file(file_, key_.line, "jwt.keys: " + key_.file + ": " + why);
    }

private:
    const std::string& file_;
    const key_config& key_;
};

std::optional<jws_algorithm> algorithm_of(const key_config& from, const key_entry& entry) {
    if (from.algorithm.empty()) return std::nullopt;
    const auto found = find_algorithm(from.algorithm);
    if (!found)
        entry.refuse("unknown alg " + from.algorithm +
                     "; one of HS, RS, PS, ES with 256, 384 or 512, or EdDSA");
    return found;
}

ring_key read_key(const key_config& from, const key_entry& entry) {
    const auto text = read_file(from.file);
    if (!text) entry.refuse("cannot be read; check the path and its permissions");
    const auto algorithm = algorithm_of(from, entry);
    const bool jwk = text->find_first_not_of(" \t\r\n") == text->find('{');
    auto key = !jwk        ? jws_key::from_pem(*text, algorithm)
               : algorithm ? jws_key::from_jwk(*text, *algorithm)
                           : jws_key::from_jwk(*text);
    if (!key) entry.refuse(describe(key.error()));
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
        keys.push_back(read_key(key, key_entry(from, key)));
        signs = signs || keys.back().role == key_role::current;
    }
    const auto role = signs ? key_role::retired : key_role::current;
    if (!from.jwt.secret.empty())
        keys.push_back({key_of_secret(from.jwt.secret.reveal()), role});
    else if (keys.empty())
        keys.push_back({key_of_secret(secret_of_folder(from.data_folder, rt)), role});
    auto ring = key_ring::make(std::move(keys));
    if (!ring)
        fail_in_file(from.file, from.jwt.keys.empty() ? 1 : from.jwt.keys.front().line,
                     "jwt.keys: give exactly one key with use: current that has its private part, "
                     "and each kid once; at most 16 keys");
    return std::make_shared<const key_ring>(std::move(*ring));
}

bool uses_local_secret(const config& from) noexcept {
    return from.jwt.secret.empty() && from.jwt.keys.empty();
}

}  // namespace holdfast::cli
