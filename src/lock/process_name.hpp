// How a process is shown to others: "<host name>/<process id>" and, when told, "/<build>".
#pragma once

#include <string>
#include <string_view>

namespace holdfast {

/// `who`, or the default when it is empty; it becomes a field between bars, so those are replaced.
std::string shown_as(std::string who, std::string_view build = {});

}  // namespace holdfast
