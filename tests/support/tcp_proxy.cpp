// The proxy's thread, its door and the orders it is given.
#include "support/tcp_proxy.hpp"

#include "support/tcp_proxy_link.hpp"

#include <boost/asio/dispatch.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <algorithm>
#include <future>
#include <map>
#include <thread>

namespace holdfast::test {

class tcp_proxy::work {
public:
    using tcp = boost::asio::ip::tcp;

    explicit work(unsigned short server_port)
        : server_port_(server_port),
          door_(context_, {boost::asio::ip::address_v4::loopback(), 0}),
          port_(door_.local_endpoint().port()) {
        accept();
        thread_ = std::jthread([this] { context_.run(); });
    }
    ~work() { context_.stop(); }

    unsigned short port() const noexcept { return port_; }
    bool refuses = false;
    proxy_rules rules;

    /// Runs it on the proxy's thread and returns what it returned.
    template <class Order>
    auto carry_out(Order order) {
        return boost::asio::dispatch(context_, boost::asio::use_future(std::move(order))).get();
    }
    std::map<connection, std::shared_ptr<proxy_link>>& links() {
        std::erase_if(links_, [](const auto& each) { return each.second->ended(); });
        return links_;
    }

private:
    void accept() {
        door_.async_accept([this](boost::system::error_code failed, tcp::socket client) {
            if (!failed) admit(std::move(client));
            accept();
        });
    }
    void admit(tcp::socket client) {
        const auto number = ++rules.counted.connections;
        const auto link = std::make_shared<proxy_link>(std::move(client), rules);
        if (refuses) return link->cut();
        links()[number] = link;
        link->open(server_port_);
    }

    unsigned short server_port_;
    boost::asio::io_context context_{1};
    tcp::acceptor door_;
    unsigned short port_;
    std::map<connection, std::shared_ptr<proxy_link>> links_;
    std::jthread thread_;
};

tcp_proxy::tcp_proxy(unsigned short server_port) : work_(std::make_unique<work>(server_port)) {}
tcp_proxy::~tcp_proxy() = default;

unsigned short tcp_proxy::port() const noexcept { return work_->port(); }

void tcp_proxy::set(way which, flow how) {
    work_->carry_out([&] {
        work_->rules.flows[static_cast<int>(which)] = how;
        for (auto& [number, link] : work_->links()) link->set(which, how);
    });
}

void tcp_proxy::set(connection only, way which, flow how) {
    work_->carry_out([&] { work_->links().at(only)->set(which, how); });
}

void tcp_proxy::heal() {
    work_->carry_out([&] {
        for (const auto which : {way::requests, way::replies}) {
            work_->rules.flows[static_cast<int>(which)] = flow::pass;
            for (auto& [number, link] : work_->links())
                if (link->has_lost())
                    link->cut();
                else
                    link->set(which, flow::pass);
        }
    });
}

void tcp_proxy::delay(way which, std::chrono::milliseconds by) {
    work_->carry_out([&] { work_->rules.delays[static_cast<int>(which)] = by; });
}

void tcp_proxy::cut() {
    work_->carry_out([&] {
        for (auto& [number, link] : work_->links()) link->cut();
    });
}

void tcp_proxy::cut(connection only) {
    work_->carry_out([&] { work_->links().at(only)->cut(); });
}

void tcp_proxy::cut_at_next(way which) {
    work_->carry_out([&] { work_->rules.cut_next[static_cast<int>(which)] = true; });
}

void tcp_proxy::refuse(bool all) {
    work_->carry_out([&] { work_->refuses = all; });
}

std::vector<tcp_proxy::connection> tcp_proxy::connections() const {
    return work_->carry_out([&] {
        std::vector<connection> open;
        for (const auto& [number, link] : work_->links()) open.push_back(number);
        return open;
    });
}

tcp_proxy::counts tcp_proxy::count() const {
    return work_->carry_out([&] {
        auto now = work_->rules.counted;
        for (const auto& [number, link] : work_->links())
            for (const int which : {0, 1}) now.held[which] += link->held(which);
        return now;
    });
}

}  // namespace holdfast::test
