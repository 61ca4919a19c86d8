// The folder of one journal, held by one process at a time.
#pragma once

#include "store/embedded/file_io.hpp"

#include <string>

namespace holdfast::embedded {

/// A made and locked folder. The lock is flock(2) on the file `lock`, so it ends with the process
/// however that ends; the file holds the pid for people and error messages.
class data_folder {
public:
    /// Makes the folder (0700) when it is absent; its parent must exist.
    /// errc::folder_in_use when another process, or this one, has it; errc::invalid_configuration
    /// when it cannot be made or opened. `why` then says so in one line for a person.
    static result<data_folder> open(const std::string& path, std::string& why);

    const std::string& path() const noexcept { return path_; }
    std::string file(const std::string& name) const { return path_ + "/" + name; }

private:
    data_folder(std::string path, embedded::file lock)
        : path_(std::move(path)), lock_(std::move(lock)) {}

    std::string path_;
    embedded::file lock_;
};

}  // namespace holdfast::embedded
