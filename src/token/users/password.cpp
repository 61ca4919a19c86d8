// crypt(3) of libxcrypt, with its working memory on the heap and wiped after use.
#include "token/users/password.hpp"

#include <crypt.h>
#include <openssl/crypto.h>

#include <memory>

namespace holdfast {
namespace {

constexpr std::string_view yescrypt_prefix = "$y$";
constexpr std::size_t bcrypt_reads = 72;

bool is_bcrypt(std::string_view hash) noexcept {
    return hash.starts_with("$2a$") || hash.starts_with("$2b$") || hash.starts_with("$2y$");
}

/// "$y$j9T$": method and cost, what comes before the salt.
std::string_view method_of(std::string_view hash) noexcept {
    const auto after_cost = hash.find('$', yescrypt_prefix.size());
    return hash.substr(0, after_cost);
}

std::string setting_for(unsigned cost, const password_salt& salt) {
    char setting[CRYPT_GENSALT_OUTPUT_SIZE];
    const char* made =
        crypt_gensalt_rn(yescrypt_prefix.data(), cost, reinterpret_cast<const char*>(salt.data()),
                         static_cast<int>(salt.size()), setting, sizeof setting);
    return made == nullptr ? std::string() : std::string(made);
}

/// Empty when libxcrypt refuses the setting.
std::string crypt_with(const secret_text& password, const std::string& setting) {
    const auto wiped = [](crypt_data* data) {
        OPENSSL_cleanse(data, sizeof *data);
        delete data;
    };
    const std::unique_ptr<crypt_data, decltype(wiped)> data(new crypt_data{}, wiped);
    std::string phrase(password.reveal());
    const char* hashed = crypt_rn(phrase.c_str(), setting.c_str(), data.get(), sizeof *data);
    OPENSSL_cleanse(phrase.data(), phrase.size());
    return hashed == nullptr || hashed[0] == '*' ? std::string() : std::string(hashed);
}

}  // namespace

result<void> password_rule::check(const secret_text& password) const {
    const auto text = password.reveal();
    if (text.size() < least || text.size() > most || text.find('\0') != text.npos)
        return errc::invalid_argument;
    return {};
}

password_hasher::password_hasher(unsigned cost)
    : cost_(cost), dummy_setting_(setting_for(cost, password_salt{})) {
    if (cost < 1 || cost > 11 || dummy_setting_.empty())
        throw boost::system::system_error(errc::invalid_configuration,
                                          "the password hash cost must be 1 to 11");
}

result<password_hash> password_hasher::hash(const secret_text& password,
                                            const password_salt& salt) const {
    auto hashed = crypt_with(password, setting_for(cost_, salt));
    if (hashed.empty()) return errc::internal;
    return password_hash(std::move(hashed));
}

bool password_hasher::matches(const secret_text& password,
                              const std::optional<password_hash>& hash) const {
    const bool usable = hash &&
                        (hash->text().starts_with(yescrypt_prefix) || is_bcrypt(hash->text())) &&
                        password.reveal().find('\0') == std::string_view::npos;
    const auto hashed = crypt_with(password, usable ? hash->text() : dummy_setting_);
    return usable && !hashed.empty() && equal_in_constant_time(hashed, hash->text());
}

bool password_hasher::should_upgrade(const password_hash& hash, const secret_text& password) const {
    if (is_bcrypt(hash.text())) return password.reveal().size() <= bcrypt_reads;
    return method_of(hash.text()) < method_of(dummy_setting_);
}

}  // namespace holdfast
