// TLS against a real server that demands client certificates, with an authority made for the test.
#include "store/redis/redis_world.hpp"

#include <gtest/gtest.h>

namespace holdfast::test {
namespace {

/// An authority, a server certificate for "redis.test" and 127.0.0.1, a client one, and a stranger.
class certificates {
public:
    certificates() {
        make_authority("ca");
        make_authority("stranger");
        make("server", "subjectAltName=DNS:redis.test,IP:127.0.0.1");
        make("client", "subjectAltName=DNS:client.test");
    }
    std::string file(const std::string& name) const { return folder_.path() + "/" + name; }

private:
    void openssl(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), "openssl");
        auto done = run_to_end(std::move(arguments));
        if (done.wait_code() != 0) throw std::runtime_error(done.err());
    }
    void make_authority(const std::string& name) {
        openssl({"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                 "-days", "2", "-subj", "/CN=" + name, "-keyout", file(name + ".key"), "-out",
                 file(name + ".pem")});
    }
    void make(const std::string& name, const std::string& names) {
        openssl({"req",
                 "-x509",
                 "-newkey",
                 "ec",
                 "-pkeyopt",
                 "ec_paramgen_curve:P-256",
                 "-nodes",
                 "-days",
                 "2",
                 "-subj",
                 "/CN=" + name,
                 "-addext",
                 names,
                 "-CA",
                 file("ca.pem"),
                 "-CAkey",
                 file("ca.key"),
                 "-keyout",
                 file(name + ".key"),
                 "-out",
                 file(name + ".pem")});
    }
    temporary_folder folder_;
};

class redis_tls : public testing::Test {
protected:
    redis_tls()
        : port_(free_port()),
          server_({"--tls-port", std::to_string(port_), "--tls-cert-file", made_.file("server.pem"),
                   "--tls-key-file", made_.file("server.key"), "--tls-ca-cert-file",
                   made_.file("ca.pem"), "--tls-auth-clients", "optional"}) {}

    std::string url(const std::string& parameters, const std::string& host = "127.0.0.1") const {
        return "rediss://" + host + ":" + std::to_string(port_) + "/0?" + parameters;
    }
    std::string ca() const { return "ca=" + made_.file("ca.pem"); }
    std::string client(const std::string& name) const {
        return "&cert=" + made_.file(name + ".pem") + "&key=" + made_.file(name + ".key");
    }
    errc failure(const std::string& url) {
        redis_world world(url);
        const auto started = world.start();
        problem_ = world.store->problem();
        return started ? errc::internal : errc_of(started.error());
    }

    certificates made_;
    unsigned short port_;
    redis_server server_;
    std::string problem_;
};

TEST_F(redis_tls, runs_scripts_when_the_authority_is_known) {
    redis_world world(url(ca()));
    ASSERT_TRUE(world.start().has_value()) << world.store->problem();
    const std::string large(300000, 'x');
    const auto answer = world.call(echo, script_keys(), script_args(large));
    EXPECT_EQ(answer.value()[0].as_text(), large);
    const auto mine = world.store->process_channel();
    EXPECT_EQ(server_.cli({"PUBLISH", mine, "lock x"}), "1");
}

TEST_F(redis_tls, checks_the_certificate) {
    EXPECT_EQ(failure(url("ca=" + made_.file("stranger.pem"))), errc::permission_denied)
        << problem_;
    EXPECT_EQ(failure(url("")), errc::permission_denied) << "not an authority of the system";
    EXPECT_EQ(failure(url(ca() + "&server_name=other.test")), errc::permission_denied) << problem_;
    redis_world named(url(ca() + "&server_name=redis.test"));
    EXPECT_TRUE(named.start().has_value()) << named.store->problem();
}

TEST_F(redis_tls, shows_its_own_certificate_when_asked_to) {
    ASSERT_EQ(server_.cli({"CONFIG", "SET", "tls-auth-clients", "yes"}), "OK");
    for (const auto& refused : {ca(), ca() + client("stranger")}) {
        failure(
            url(refused));  // the server's alert may be overtaken by its reset: no code for sure
        EXPECT_NE(problem_.find("cert"), std::string::npos) << problem_;
    }
    redis_world known(url(ca() + client("client")));
    EXPECT_TRUE(known.start().has_value()) << known.store->problem();
}

TEST_F(redis_tls, names_the_file_that_cannot_be_used) {
    for (const auto& bad : {"ca=/nonexistent.pem", "ca=/etc/passwd"}) {
        EXPECT_EQ(failure(url(bad)), errc::invalid_configuration) << bad;
        EXPECT_NE(problem_.find(std::string(bad).substr(3)), std::string::npos) << problem_;
    }
    EXPECT_EQ(failure(url(ca() + "&cert=" + made_.file("client.pem") +
                          "&key=" + made_.file("server.key"))),
              errc::invalid_configuration)
        << "the key does not belong to the certificate";
}

TEST_F(redis_tls, says_so_when_one_side_speaks_plain_text) {
    const auto plain = std::to_string(server_.port());
    EXPECT_EQ(failure("rediss://127.0.0.1:" + plain + "/0?connect_timeout=500&" + ca()),
              errc::store_unavailable)
        << problem_;
    const auto secured = std::to_string(port_);
    const auto told = failure("redis://127.0.0.1:" + secured + "/0?connect_timeout=500");
    EXPECT_TRUE(told == errc::store_unavailable || told == errc::protocol_error) << problem_;
}

TEST_F(redis_tls, comes_back_when_the_server_restarts) {
    redis_world world(url(ca()));
    ASSERT_TRUE(world.start().has_value());
    const auto epoch = world.store->epoch();
    server_.stop();
    server_.start();
    while (!world.call(echo, script_keys(), script_args("x"))) {
    }
    EXPECT_GT(world.store->epoch(), epoch);
}

}  // namespace
}  // namespace holdfast::test
