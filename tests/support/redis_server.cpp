// Starting, stopping and asking a real Redis.
#include "support/redis_server.hpp"

namespace holdfast::test {

redis_server::redis_server(std::vector<std::string> arguments,
                           std::map<std::string, std::string> environment)
    : arguments_(std::move(arguments)), environment_(std::move(environment)), port_(free_port()) {
    start();
}

void redis_server::start() {
    std::vector<std::string> argv{"redis-server", "--port",    std::to_string(port_),
                                  "--bind",       "127.0.0.1", "--dir",
                                  folder_.path(), "--save",    "",
                                  "--loglevel",   "notice"};
    argv.insert(argv.end(), arguments_.begin(), arguments_.end());
    child_process::options options;
    options.environment = environment_;
    process_ = std::make_unique<child_process>(std::move(argv), options);
    process_->wait_for_line("eady to accept connections");
}

void redis_server::stop(int signal) {
    process_->signal(signal);
    process_->wait();
}

std::string redis_server::cli(std::vector<std::string> command) const {
    std::vector<std::string> argv{"redis-cli", "-p", std::to_string(port_)};
    argv.insert(argv.end(), command.begin(), command.end());
    auto text = run_to_end(std::move(argv)).out();
    if (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
}

}  // namespace holdfast::test
