// mkdir -p, with the mode of a private folder.
#include "cli/data_folder.hpp"

#include "cli/command.hpp"

#include <filesystem>
#include <system_error>

namespace holdfast::cli {

void make_data_folder(const std::string& folder) {
    std::error_code ec;
    const bool made = std::filesystem::create_directories(folder, ec);
    if (made) std::filesystem::permissions(folder, std::filesystem::perms::owner_all, ec);
    if (ec)
        throw command_failure(exit_code::unavailable,
                              "cannot make the data folder " + folder + ": " + ec.message() +
                                  "; give another with --data, data: or HOLDFAST_DATA");
}

}  // namespace holdfast::cli
