// Making and locking the data folder.
#include "store/embedded/data_folder.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace holdfast::embedded {
namespace {

errc refuse(std::string& why, const std::string& what, const std::string& advice) {
    why = what + "; " + last_error().message() + "; " + advice;
    return errc::invalid_configuration;
}

std::string holder_of(const file& lock) {
    auto text = read_all(lock);
    if (!text || text->empty()) return "another process";
    while (!text->empty() && text->back() == '\n') text->pop_back();
    return "process " + *text;
}

}  // namespace

result<data_folder> data_folder::open(const std::string& path, std::string& why) {
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
        return refuse(why, "cannot make the data folder " + path,
                      "make its parent folder, or name another one");
    auto lock = open_file(path + "/lock", O_RDWR | O_CREAT);
    if (!lock)
        return refuse(why, "cannot use the data folder " + path,
                      "check that it is a folder and that this user may write to it");
    if (::flock(lock.fd(), LOCK_EX | LOCK_NB) != 0) {
        why = "the data folder " + path + " is in use; " + holder_of(lock) +
              " has it open; stop that process or name another folder";
        return errc::folder_in_use;
    }
    const auto pid = std::to_string(::getpid()) + "\n";
    if (::ftruncate(lock.fd(), 0) != 0 || ::lseek(lock.fd(), 0, SEEK_SET) != 0 ||
        write_all(lock, pid))
        return refuse(why, "cannot write to the data folder " + path, "free some space on it");
    return data_folder(path, std::move(lock));
}

}  // namespace holdfast::embedded
