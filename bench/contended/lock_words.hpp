// What the lock room sends, word for word, for programs that send it without the library.
#pragma once

#include "holdfast/runtime.hpp"

#include <string>
#include <vector>

namespace holdfast::bench {

/// One EVALSHA, recorded from the library itself, so that a bare loop always runs the same scripts
/// with the same arguments.
class recorded_call {
public:
    recorded_call() = default;
    recorded_call(std::vector<std::string> words, std::string text)
        : words_(std::move(words)), text_(std::move(text)) {}

    /// The words with another owner, lock and channel in the place of the recorded ones.
    std::vector<std::string> with(const std::string& owner, const std::string& lock,
                                  const std::string& channel) const;
    /// For SCRIPT LOAD.
    const std::string& script_text() const noexcept { return text_; }

private:
    friend struct lock_words;
    std::vector<std::string> words_;
    std::string text_;
    std::string owner_;
};

/// The calls of one lock's life: to take it or wait for it, to claim what a push granted, to leave
/// the queue, to give it back.
struct lock_words {
    /// Leases are of `ttl`.
    static lock_words record(milliseconds ttl);

    recorded_call acquire;
    recorded_call claim;
    recorded_call leave;
    recorded_call release;
};

/// Another owner id for each number.
std::string owner_number(unsigned number);

}  // namespace holdfast::bench
