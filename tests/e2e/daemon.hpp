// Real `holdfast serve` processes, and what the end-to-end tests ask of them.
#pragma once

#include "support/child_process.hpp"
#include "support/raw_http.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::test {

/// One daemon with a configuration of its own in a fresh folder, on a free port. Ready to answer
/// when constructed; killed when destroyed.
class daemon {
public:
    /// `yaml` is the configuration without `http:` and `data:`, which are added.
    explicit daemon(const std::string& yaml);

    unsigned short port() const noexcept { return port_; }
    child_process& process() { return *process_; }
    const std::string& folder() const noexcept { return folder_.path(); }
    /// Starts it again, with the same folder and port, after its process has ended.
    void start();
    /// Writes another configuration, sends SIGHUP and returns when it is in force (jobs and new
    /// connections; a shard takes it at the next turn of its loop).
    void reconfigure(const std::string& yaml);

    raw_answer post(std::string_view path, std::string_view body,
                    const std::vector<std::string>& fields = {}) const;
    raw_answer get(std::string_view path, const std::vector<std::string>& fields = {}) const;
    /// The status of /authz/auth-request for a token; the successor goes to `renewed`, when given.
    int check(std::string_view token, std::string* renewed = nullptr) const;
    /// Registers (or logs in) and returns the access token.
    std::string sign_in(std::string_view account, bool new_account) const;

private:
    void write(const std::string& yaml) const;

    temporary_folder folder_;
    unsigned short port_;
    std::unique_ptr<child_process> process_;
};

/// A line of a header: `Authorization: Bearer <token>`.
std::string bearer(std::string_view token);

/// The text value of a member in one of our flat JSON bodies; empty when there is none.
std::string json_text(std::string_view body, std::string_view member);

/// Claims of a token, decoded without any check.
std::string claims_of(std::string_view token);

}  // namespace holdfast::test
