// Reading in pieces: a pipe does not say how much it holds.
#include "cli/read_file.hpp"

#include <array>
#include <fstream>

namespace holdfast::cli {
namespace {

constexpr std::size_t most_bytes = 1 << 20;

}  // namespace

std::optional<std::string> read_file(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) return std::nullopt;
    std::string text;
    std::array<char, 4096> piece{};
    do {
        in.read(piece.data(), piece.size());
        text.append(piece.data(), static_cast<std::size_t>(in.gcount()));
        if (text.size() > most_bytes) return std::nullopt;
    } while (in);
    if (in.bad()) return std::nullopt;  // a folder opens, but cannot be read
    return text;
}

}  // namespace holdfast::cli
