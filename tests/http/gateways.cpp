// Puts test ports into the shipped configurations and starts the servers.
#include "http/gateways.hpp"

#include "support/raw_http.hpp"

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace holdfast::test {
namespace {

std::string read_shipped(const std::string& name) {
    std::ifstream file(std::string(HOLDFAST_DEPLOY) + "/" + name);
    if (!file) throw std::runtime_error("cannot read deploy/" + name);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

void put_port(std::string& text, const std::string& shipped, unsigned short port) {
    const auto from = ":" + shipped;
    bool found = false;
    for (auto at = text.find(from); at != text.npos; at = text.find(from, at)) {
        text.replace(at, from.size(), ":" + std::to_string(port));
        found = true;
    }
    if (!found) throw std::runtime_error("the configuration does not mention " + from);
}

// `query` goes where the configurations say that ?guard=NAME may stand.
void put_query(std::string& text, const std::string& question, std::string_view query) {
    const auto at = text.find(question);
    if (at == text.npos) throw std::runtime_error("the configuration does not ask " + question);
    if (!query.empty())
        text.replace(at, question.size(),
                     std::string(question, 0, question.find('?')).append(query));
}

std::string adapted(const std::string& name, const std::string& question, gateway_ports behind,
                    unsigned short listen, std::string_view query) {
    auto text = read_shipped(name);
    put_query(text, question, query);
    put_port(text, "8440", behind.holdfast);
    put_port(text, "9000", behind.application);
    put_port(text, "8080", listen);
    return text;
}

void write(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

}  // namespace

gateway gateway::nginx(gateway_ports behind, std::string_view query) {
    gateway made(free_port());
    const auto& folder = made.folder_->path();
    write(folder + "/site.conf",
          adapted("nginx.conf", "holdfast/authz/auth-request", behind, made.port_, query));
    std::string main = "daemon off;\nmaster_process off;\npid " + folder +
                       "/pid;\nerror_log stderr;\nevents {}\nhttp {\naccess_log off;\n";
    for (const char* use : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"})
        main += std::string(use) + "_temp_path " + folder + "/" + use + ";\n";
    write(folder + "/nginx.conf", main + "include " + folder + "/site.conf;\n}\n");
    made.process_ = std::make_unique<child_process>(std::vector<std::string>{
        "nginx", "-p", folder, "-e", "stderr", "-c", folder + "/nginx.conf"});
    await_port(made.port_, *made.process_);
    return made;
}

gateway gateway::caddy(gateway_ports behind, std::string_view query) {
    gateway made(free_port());
    const auto& folder = made.folder_->path();
    write(folder + "/Caddyfile",
          "{\n\tadmin off\n\tauto_https off\n}\n" +
              adapted("Caddyfile", "rewrite /authz/forward-auth?", behind, made.port_, query));
    child_process::options options;
    options.environment = {
        {"HOME", folder}, {"XDG_DATA_HOME", folder}, {"XDG_CONFIG_HOME", folder}};
    made.process_ = std::make_unique<child_process>(
        std::vector<std::string>{"caddy", "run", "--adapter", "caddyfile", "--config",
                                 folder + "/Caddyfile"},
        options);
    await_port(made.port_, *made.process_);
    return made;
}

}  // namespace holdfast::test
