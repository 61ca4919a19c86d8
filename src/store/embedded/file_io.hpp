// Files of the data folder: descriptors that close themselves, whole reads and writes.
#pragma once

#include "holdfast/error.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace holdfast::embedded {

/// Owns a descriptor.
class file {
public:
    file() = default;
    explicit file(int fd) noexcept : fd_(fd) {}
    file(file&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    file& operator=(file&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~file();

    explicit operator bool() const noexcept { return fd_ >= 0; }
    int fd() const noexcept { return fd_; }

private:
    int fd_ = -1;
};

/// open(2) with close-on-exec, mode 0600 where it creates. On failure errno tells.
file open_file(const std::string& path, int flags);
/// All of the bytes, or errno's error; then some may have been written.
error_code write_all(const file& to, std::string_view bytes);
result<std::string> read_all(const file& from);
error_code sync_data(const file& of);
/// Makes renames in the folder survive a power cut.
error_code sync_folder(const std::string& folder);

/// errno as an error_code of the system category.
error_code last_error() noexcept;

}  // namespace holdfast::embedded
