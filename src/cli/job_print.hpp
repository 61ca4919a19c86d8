// How `holdfast job` shows jobs, ledgers and audits: lines for people, JSON for programs.
#pragma once

#include "schedule/job_admin.hpp"

#include <string>

namespace holdfast::cli {

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
