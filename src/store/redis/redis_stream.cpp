// Resolving, connecting and the TLS handshake, each failure with its own sentence.
#include "store/redis/redis_stream.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <openssl/ssl.h>

namespace holdfast {
namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

link_problem unreachable(const redis_options& options, const error_code& why, const char* remedy) {
    return {errc::store_unavailable,
            "cannot reach Redis at " + options.address() + "; " + why.message() + "; " + remedy};
}

link_problem bad_file(const char* what, const std::string& file, const error_code& why) {
    return {errc::invalid_configuration, std::string("cannot use the ") + what + " '" + file +
                                             "'; " + why.message() + "; name a readable PEM file"};
}

const std::string& expected_name(const redis_options& options) {
    return options.server_name.empty() ? options.host : options.server_name;
}

bool is_address(const std::string& name) {
    error_code not_one;
    asio::ip::make_address(name, not_one);
    return !not_one;
}

link_problem handshake_failed(const redis_options& options, const error_code& why,
                              const std::string& verdict) {
    const bool refused = why.category() == asio::error::get_ssl_category();
    return {refused ? errc::permission_denied : errc::store_unavailable,
            "no TLS with Redis at " + options.address() + "; " +
                (verdict.empty() ? why.message() : verdict) +
                "; check ca, cert, key and server_name in the store url"};
}

}  // namespace

task<redis_stream::endpoints> redis_stream::resolve(const redis_options& options,
                                                    error_code& failed) {
    endpoints found;
    const auto literal = asio::ip::make_address(options.host, failed);
    if (!failed) {
        found.emplace_back(literal, options.port);
        co_return found;
    }
    tcp::resolver resolver(socket_.get_executor());
    const auto port = std::to_string(options.port);
    const auto results = co_await resolver.async_resolve(
        options.host, port, asio::redirect_error(asio::use_awaitable, failed));
    for (const auto& each : results) found.push_back(each.endpoint());
    co_return found;
}

task<error_code> redis_stream::connect(const endpoints& where) {
    error_code failed = asio::error::host_not_found;
    for (const auto& each : where) {
        close();
        co_await socket_.async_connect(each, asio::redirect_error(asio::use_awaitable, failed));
        if (!failed || failed == asio::error::operation_aborted) break;
    }
    co_return failed;
}

std::optional<link_problem> redis_stream::prepare_tls(const redis_options& options) {
    error_code failed;
    auto& context = context_.emplace(asio::ssl::context::tls_client);
    SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
    if (options.ca_file.empty())
        context.set_default_verify_paths(failed);
    else
        context.load_verify_file(options.ca_file, failed);
    if (failed) return bad_file("certificate authorities", options.ca_file, failed);
    if (!options.certificate_file.empty()) {
        context.use_certificate_chain_file(options.certificate_file, failed);
        if (failed) return bad_file("client certificate", options.certificate_file, failed);
        context.use_private_key_file(options.key_file, asio::ssl::context::pem, failed);
        if (failed) return bad_file("client key", options.key_file, failed);
    }
    const auto& name = expected_name(options);
    auto& tls = tls_.emplace(socket_, context);
    tls.set_verify_mode(asio::ssl::verify_peer);
    tls.set_verify_callback(asio::ssl::host_name_verification(name));
    if (!is_address(name)) SSL_set_tlsext_host_name(tls.native_handle(), name.c_str());
    return std::nullopt;
}

task<std::optional<link_problem>> redis_stream::open(const redis_options& options) {
    error_code failed;
    const auto where = co_await resolve(options, failed);
    if (failed) co_return unreachable(options, failed, "correct the host name or the name service");
    failed = co_await connect(where);
    if (failed) co_return unreachable(options, failed, "start it or correct the store url");
    socket_.set_option(tcp::no_delay(true), failed);
    socket_.set_option(asio::socket_base::keep_alive(true), failed);
    socket_.non_blocking(true, failed);
    if (!options.tls) co_return std::nullopt;
    if (auto problem = prepare_tls(options)) co_return problem;
    co_await tls_->async_handshake(asio::ssl::stream_base::client,
                                   asio::redirect_error(asio::use_awaitable, failed));
    if (!failed) co_return std::nullopt;
    const auto verdict = SSL_get_verify_result(tls_->native_handle());
    const std::string reason = verdict == X509_V_OK ? "" : X509_verify_cert_error_string(verdict);
    co_return handshake_failed(options, failed, reason);
}

task<std::size_t> redis_stream::read_some(asio::mutable_buffer into, error_code& failed) {
    if (tls_) return tls_->async_read_some(into, asio::redirect_error(asio::use_awaitable, failed));
    return socket_.async_read_some(into, asio::redirect_error(asio::use_awaitable, failed));
}

std::size_t redis_stream::write_at_once(asio::const_buffer from) noexcept {
    if (tls_) return 0;
    error_code failed;
    const auto sent = socket_.write_some(from, failed);
    return failed ? 0 : sent;
}

void redis_stream::write(asio::const_buffer from, write_handler done) {
    if (tls_)
        asio::async_write(*tls_, from, std::move(done));
    else
        asio::async_write(socket_, from, std::move(done));
}

task<std::size_t> redis_stream::write(asio::const_buffer from, error_code& failed) {
    if (tls_)
        return asio::async_write(*tls_, from, asio::redirect_error(asio::use_awaitable, failed));
    return asio::async_write(socket_, from, asio::redirect_error(asio::use_awaitable, failed));
}

}  // namespace holdfast
