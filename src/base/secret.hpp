// Handling of secrets: comparison without a timing signal, memory wiped when done.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace holdfast {

/// Equal contents, in time that depends on the lengths only (CRYPTO_memcmp).
bool equal_in_constant_time(std::string_view a, std::string_view b) noexcept;

/// Text that is wiped when destroyed and that no stream prints. Movable, copied only on purpose.
class secret_text {
public:
    secret_text() = default;
    explicit secret_text(std::string text) : text_(std::move(text)) {}
    secret_text(secret_text&& other) noexcept : text_(std::exchange(other.text_, {})) {}
    secret_text& operator=(secret_text&& other) noexcept;
    ~secret_text() { wipe(); }

    secret_text clone() const { return secret_text(text_); }
    std::string_view reveal() const noexcept { return text_; }
    bool empty() const noexcept { return text_.empty(); }

private:
    void wipe() noexcept;
    std::string text_;
};

}  // namespace holdfast
