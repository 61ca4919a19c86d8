// Whatever stands in a configuration file: it is read, or refused in one line that names the file
// and the place.
#include "cli/command.hpp"
#include "cli/config/config.hpp"
#include "fuzz/require.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace holdfast;
    static const int file = memfd_create("config", MFD_CLOEXEC);
    static const auto path = "/proc/self/fd/" + std::to_string(file);
    if (ftruncate(file, 0) != 0 || pwrite(file, data, size, 0) != static_cast<ssize_t>(size))
        return 0;
    try {
        const auto read = cli::read_config(path, "/nonexistent/data");
        fuzz::require(read.data_folder == "/nonexistent/data");
        fuzz::require(read.jwt.ttl > seconds{0});
        for (const auto& job : read.jobs) fuzz::require(!job.name.empty() && job.line > 0);
    } catch (const cli::command_failure& refused) {
        fuzz::require(refused.code() != 0 && refused.line().starts_with(path));
        fuzz::require(refused.line().find('\n') == std::string::npos);
    }
    return 0;
}
