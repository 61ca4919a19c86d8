// How a process is shown to others: "<host name>/<process id>".
#pragma once

#include <string>

namespace holdfast {

/// `who`, or the default when it is empty; it becomes a field between bars, so those are replaced.
std::string shown_as(std::string who);

}  // namespace holdfast
