// System calls of the data folder.
#include "store/embedded/file_io.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace holdfast::embedded {

file::~file() {
    if (fd_ >= 0) ::close(fd_);
}

error_code last_error() noexcept { return {errno, boost::system::system_category()}; }

file open_file(const std::string& path, int flags) {
    return file(::open(path.c_str(), flags | O_CLOEXEC, 0600));
}

error_code write_all(const file& to, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto written = ::write(to.fd(), bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return last_error();
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

result<std::string> read_all(const file& from) {
    std::string all;
    if (::lseek(from.fd(), 0, SEEK_SET) < 0) return last_error();
    for (std::size_t filled = 0;;) {
        constexpr std::size_t step = 1 << 20;
        all.resize(filled + step);
        const auto got = ::read(from.fd(), all.data() + filled, step);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return last_error();
        filled += static_cast<std::size_t>(got);
        if (got == 0) {
            all.resize(filled);
            return all;
        }
    }
}

error_code sync_data(const file& of) {
    if (::fdatasync(of.fd()) == 0) return {};
    return last_error();
}

error_code sync_folder(const std::string& folder) {
    const file opened = open_file(folder, O_RDONLY | O_DIRECTORY);
    if (!opened || ::fsync(opened.fd()) != 0) return last_error();
    return {};
}

}  // namespace holdfast::embedded
