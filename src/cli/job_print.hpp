// How `holdfast job` shows jobs, ledgers and audits: lines for people, JSON for programs.
#pragma once

#include "schedule/job_admin.hpp"

#include <string>
#include <utility>
#include <vector>

namespace holdfast::cli {

/// Members of one JSON object, in order; values are JSON already.
using json_members = std::vector<std::pair<std::string, std::string>>;
std::string json_object(const json_members&);
std::string json_text(const std::string& text);
std::string json_array(const std::vector<std::string>& items);
/// An instant as a JSON string, null for the epoch.
std::string json_time(wall_time);

std::string status_line(const std::string& name, const schedule::job_status&);
std::string status_text(const std::string& name, const schedule::job_status&);
std::string status_json(const std::string& name, const schedule::job_status&);

std::string entry_line(const schedule::ledger_entry&);
std::string entry_json(const schedule::ledger_entry&, const schedule::job_history&);

std::string audit_text(const std::string& name, const schedule::audit_report&);
std::string audit_json(const std::string& name, const schedule::audit_report&);

}  // namespace holdfast::cli
