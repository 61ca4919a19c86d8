// What the program was started with: its descriptors, and the three that every program has.
#pragma once

#include <vector>

namespace holdfast::cli {

/// Puts something that can be neither read nor written in the place of a standard stream that is
/// closed: the next socket would get its number, and what is printed would go there. Commands that
/// are started find the stream closed, as we did. Call it before anything is opened.
void occupy_standard_streams();

/// The open descriptors above 2. Before anything is opened: those of whoever started us.
std::vector<int> open_descriptors();

}  // namespace holdfast::cli
