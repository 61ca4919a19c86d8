// Chunk sizes, chunk data, trailers.
#include "http/chunked_decoder.hpp"

#include "http/characters.hpp"

#include <algorithm>
#include <charconv>

namespace holdfast::http {
namespace {

constexpr std::size_t longest_line = 1024;
constexpr std::size_t most_trailer_bytes = 4096;

}  // namespace

void chunked_decoder::reset() {
    position_ = left_ = trailer_bytes_ = 0;
    expecting_ = part::size_line;
    body_.clear();
    refusal_ = {};
}

progress chunked_decoder::refuse(int status, std::string_view why) {
    refusal_ = {status, why};
    return progress::refused;
}

progress chunked_decoder::feed(std::string_view input) {
    while (true) {
        const auto before = position_;
        const auto part_before = expecting_;
        const auto now = expecting_ == part::data ? take_data(input) : take_line(input);
        if (now != progress::more) return now;
        if (position_ == before && expecting_ == part_before) return progress::more;
    }
}

progress chunked_decoder::take_data(std::string_view input) {
    const auto got = std::min(left_, input.size() - position_);
    body_.append(input.substr(position_, got));
    position_ += got;
    left_ -= got;
    if (left_ == 0) expecting_ = part::data_end;
    return progress::more;
}

progress chunked_decoder::take_line(std::string_view input) {
    const auto rest = input.substr(position_);
    const auto end = rest.find('\n');
    if (end == rest.npos)
        return rest.size() > longest_line ? refuse(400, "chunk line too long") : progress::more;
    if (end == 0 || rest[end - 1] != '\r')
        return refuse(400, "a chunk line ends in a bare line feed");
    const auto line = rest.substr(0, end - 1);
    if (line.size() > longest_line) return refuse(400, "chunk line too long");
    position_ += end + 1;
    switch (expecting_) {
        case part::size_line: return take_size(line);
        case part::trailer: return take_trailer(line);
        default:
            if (!line.empty()) return refuse(400, "chunk data longer than its size");
            expecting_ = part::size_line;
            return progress::more;
    }
}

progress chunked_decoder::take_size(std::string_view line) {
    constexpr std::size_t most_digits = 8;
    std::size_t size = 0;
    const auto [end, failed] = std::from_chars(line.data(), line.data() + line.size(), size, 16);
    if (line.empty() || line.size() > most_digits || failed != std::errc() ||
        end != line.data() + line.size())
        return refuse(400, "malformed chunk size");
    if (size > most_ - body_.size()) return refuse(413, "body too large");
    left_ = size;
    expecting_ = size == 0 ? part::trailer : part::data;
    return progress::more;
}

progress chunked_decoder::take_trailer(std::string_view line) {
    if (line.empty()) return progress::done;
    trailer_bytes_ += line.size();
    const auto colon = line.find(':');
    if (trailer_bytes_ > most_trailer_bytes || colon == line.npos ||
        !is_token(line.substr(0, colon)) || !is_field_value(line.substr(colon + 1)))
        return refuse(400, "malformed trailer field");
    return progress::more;
}

}  // namespace holdfast::http
