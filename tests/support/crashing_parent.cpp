// Starts a child from a thread that ends at once, says its pid, and waits to be killed.
#include "support/child_process.hpp"

#include <unistd.h>

#include <cstdio>
#include <memory>
#include <thread>

int main() {
    std::unique_ptr<holdfast::test::child_process> child;
    std::thread([&child] {
        child = std::make_unique<holdfast::test::child_process>(
            std::vector<std::string>{"sleep", "600"});
    }).join();
    std::printf("child %d %s\n", child->pid(), child->running() ? "lives" : "is gone");
    std::fflush(stdout);
    for (;;) pause();
}
