// A TCP proxy in user space that does to a connection what bad networks do.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace holdfast::test {

/// Stands between clients and a server on 127.0.0.1, on a thread of its own. Every member returns
/// when what it asked for is in effect, and may be called from any thread.
///
/// TCP loses no byte in the middle of a stream, and so neither does the proxy: a connection that
/// has lost some is cut when its way is opened again.
class tcp_proxy {
public:
    /// Where bytes go.
    enum class way { requests, replies };
    /// What becomes of them. `hold` keeps them, and the news that a side has gone, until the way
    /// passes again; `lose` drops them. Both ways held: a half-open link that neither side can
    /// notice. With anything but `pass`, new connections are accepted and fare the same.
    enum class flow { pass, hold, lose };
    /// Numbers of connections rise in the order of their coming, from 1.
    using connection = std::size_t;

    explicit tcp_proxy(unsigned short server_port);
    ~tcp_proxy();
    tcp_proxy(const tcp_proxy&) = delete;

    unsigned short port() const noexcept;
    std::string url() const { return "redis://127.0.0.1:" + std::to_string(port()) + "/0"; }

    /// For all connections, present and future.
    void set(way which, flow how);
    void set(connection only, way which, flow how);
    /// Both ways of all connections pass again.
    void heal();
    /// Every byte comes this much later from now on; order stays.
    void delay(way which, std::chrono::milliseconds by);

    /// Ends connections with a reset on both sides. What was held is lost.
    void cut();
    void cut(connection only);
    /// Once: the next bytes on this way, of whatever connection, are lost and it is cut. So a reply
    /// is lost whose request was executed, or a request that never arrived.
    void cut_at_next(way which);
    /// New connections are reset at once, or no longer.
    void refuse(bool all);

    /// Those that are open now.
    std::vector<connection> connections() const;
    struct counts {
        std::size_t connections = 0;  ///< accepted so far
        std::size_t cuts = 0;         ///< connections the proxy has ended by itself
        std::size_t passed[2] = {};   ///< bytes, by way
        std::size_t lost[2] = {};
        std::size_t held[2] = {};  ///< now
    };
    counts count() const;

private:
    class work;
    std::unique_ptr<work> work_;
};

}  // namespace holdfast::test
