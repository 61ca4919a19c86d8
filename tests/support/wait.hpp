// Waiting for what other processes do: files that appear, processes that go.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <string>

namespace holdfast::test {

/// Looks every few milliseconds; false when `patience` is over.
bool wait_until(const std::function<bool()>& holds,
                std::chrono::seconds patience = std::chrono::seconds{20});

/// Returns after the span. For one purpose: choosing the moment of a kill.
void let_live(std::chrono::microseconds span);

std::string read_file(const std::string& path);
/// The file's content once it ends with a line break; empty when patience is over.
std::string wait_for_content(const std::string& path);
/// Gone, or a zombie.
bool wait_until_gone(pid_t pid);

}  // namespace holdfast::test
