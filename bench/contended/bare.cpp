// The limit of a contended lock: the same scripts and pushes, and a loop that does nothing else.
#include "contended/contest.hpp"
#include "contended/wire.hpp"
#include "runtime/asio_runtime.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <cstdlib>
#include <deque>
#include <string_view>
#include <utility>

namespace holdfast::bench {
namespace {

/// Two connections: one for commands, one for pushes, as hiredis speaks RESP2.
struct bare_client {
    bare_client(int port, const lock_words& words, unsigned which)
        : commands(port), pushes(port), number(which) {
        const auto owner = owner_number(which);
        const auto channel = "bench:channel:" + owner;
        acquire = words.acquire.with(owner, "bench:bare-contended", channel);
        claim = words.claim.with(owner, "bench:bare-contended", channel);
        release = words.release.with(owner, "bench:bare-contended", channel);
        pushes.ask({"SUBSCRIBE", channel});
        grant = "lock g " + owner;
    }

    wire commands;
    wire pushes;
    unsigned number;
    std::vector<std::string> acquire, claim, release;
    std::string grant;
    enum class step { asking, waiting, claiming, releasing } at = step::asking;
    bool granted_early = false;
};

class bare_loop {
public:
    explicit bare_loop(const contest_plan& plan) : plan_(plan), all_(rt_, plan) {
        const auto words = lock_words::record(seconds{30});
        wire first(plan.port);
        for (const auto* call : {&words.acquire, &words.claim, &words.release}) first.load(*call);
        for (unsigned i = 0; i < plan.clients; ++i) {
            clients_.emplace_back(plan.port, words, i);
            watch(clients_.back().commands, i * 2);
            watch(clients_.back().pushes, i * 2 + 1);
        }
    }
    ~bare_loop() { ::close(poll_); }
    bare_loop(const bare_loop&) = delete;

    void run() {
        all_.start("hiredis");
        for (auto& client : clients_) ask(client);
        run_until(all_.warm_until());
        all_.begin();
        run_until(all_.ends_at());
        all_.end();
    }

private:
    void watch(wire& connection, unsigned number) {
        epoll_event event{.events = EPOLLIN, .data = {.u32 = number}};
        epoll_ctl(poll_, EPOLL_CTL_ADD, connection.descriptor(), &event);
    }
    void send(bare_client& client, const std::vector<std::string>& words, bare_client::step next) {
        client.at = next;
        client.commands.append(words);
        client.commands.flush();
    }
    void ask(bare_client& client) {
        all_.asked(client.number);
        send(client, client.acquire, bare_client::step::asking);
    }
    void give_back(bare_client& client) {
        all_.got(client.number);
        if (plan_.hold.count() > 0) ::usleep(static_cast<useconds_t>(plan_.hold.count()));
        send(client, client.release, bare_client::step::releasing);
    }
    void on_answer(bare_client& client, const redisReply& answer) {
        switch (client.at) {
            case bare_client::step::asking:
                if (is_taken(answer))
                    give_back(client);
                else if (std::exchange(client.granted_early, false))
                    send(client, client.claim, bare_client::step::claiming);
                else
                    client.at = bare_client::step::waiting;
                break;
            case bare_client::step::claiming:
                if (answer.integer != 1) throw std::runtime_error("a grant was lost");
                give_back(client);
                break;
            default:
                if (answer.integer != 1) throw std::runtime_error("a release was refused");
                ask(client);
        }
    }
    void on_push(bare_client& client, const redisReply& message) {
        const redisReply& payload = *message.element[2];
        if (!std::string_view(payload.str, payload.len).starts_with(client.grant)) return;
        // The push is on another connection than the answer it may overtake.
        if (client.at == bare_client::step::asking)
            client.granted_early = true;
        else
            send(client, client.claim, bare_client::step::claiming);
    }
    void run_until(steady_time end) {
        epoll_event events[64];
        while (rt_.now() < end) {
            const int ready = epoll_wait(poll_, events, 64, 10);
            for (int i = 0; i < ready; ++i) {
                auto& client = clients_[events[i].data.u32 / 2];
                const bool pushed = events[i].data.u32 % 2 == 1;
                auto& from = pushed ? client.pushes : client.commands;
                from.fill();
                while (const auto answer = from.take())
                    pushed ? on_push(client, *answer) : on_answer(client, *answer);
            }
        }
    }

    contest_plan plan_;
    boost::asio::io_context context_;
    asio_runtime rt_{context_};
    contest all_;
    int poll_ = epoll_create1(EPOLL_CLOEXEC);
    std::deque<bare_client> clients_;
};

}  // namespace

void contend_bare(const contest_plan& plan) { bare_loop(plan).run(); }

}  // namespace holdfast::bench
