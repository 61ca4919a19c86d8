// Starting daemons and talking to them.
#include "e2e/daemon.hpp"

#include "base/encode.hpp"

#include <csignal>
#include <fstream>
#include <stdexcept>

namespace holdfast::test {

daemon::daemon(const std::string& yaml) : port_(free_port()) {
    write(yaml);
    start();
}

void daemon::reconfigure(const std::string& yaml) {
    write(yaml);
    process_->signal(SIGHUP);
    process_->wait_for_line("serve.reloaded");
}

void daemon::write(const std::string& yaml) const {
    std::ofstream(folder_.path() + "/holdfast.yaml")
        << "data: " << folder_.path() << "/data\n"
        << "http: { listen: \"127.0.0.1:" << port_ << "\", threads: 2 }\n"
        << yaml;
}

void daemon::start() {
    std::vector<std::string> argv{HOLDFAST_PROGRAM, "serve", "-c",
                                  folder_.path() + "/holdfast.yaml"};
    process_ = std::make_unique<child_process>(std::move(argv));
    process_->wait_for_line("serve.ready");
}

raw_answer daemon::post(std::string_view path, std::string_view body,
                        const std::vector<std::string>& fields) const {
    return http_request(port_, "POST", path, fields, body);
}

raw_answer daemon::get(std::string_view path, const std::vector<std::string>& fields) const {
    return http_request(port_, "GET", path, fields);
}

int daemon::check(std::string_view token, std::string* renewed) const {
    const auto answer = get("/authz/auth-request", {bearer(token)});
    if (renewed != nullptr) *renewed = answer.field("new-token").value_or("");
    return answer.status;
}

std::string daemon::sign_in(std::string_view account, bool new_account) const {
    const auto body =
        "{\"account\":\"" + std::string(account) + "\",\"password\":\"correct horse\"}";
    const auto answer = post(new_account ? "/api/auth/register" : "/api/auth/login", body);
    if (answer.status != 200) throw std::runtime_error(answer.head + answer.body);
    return json_text(answer.body, "access_token");
}

std::string bearer(std::string_view token) { return "Authorization: Bearer " + std::string(token); }

std::string json_text(std::string_view body, std::string_view member) {
    const auto key = "\"" + std::string(member) + "\":\"";
    const auto start = body.find(key);
    if (start == body.npos) return "";
    const auto value = body.substr(start + key.size());
    return std::string(value.substr(0, value.find('"')));
}

std::string claims_of(std::string_view token) {
    const auto first = token.find('.');
    const auto second = token.find('.', first + 1);
    return base64url_decode(token.substr(first + 1, second - first - 1)).value_or("");
}

}  // namespace holdfast::test
