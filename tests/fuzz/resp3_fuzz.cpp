// Whatever a server sends: reading ends, stays inside the bytes, and does not depend on how they
// were cut into pieces.
#include "fuzz/require.hpp"
#include "store/redis/error_reply.hpp"
#include "store/redis/resp3_reader.hpp"

#include <cstdint>

namespace {

using namespace holdfast;

struct reading {
    std::string text;
    bool corrupt = false;
};

/// All messages, with the bytes coming `step` at a time.
reading read_all(std::string_view bytes, std::size_t step) {
    reading all;
    resp3_reader reader;
    std::size_t begin = 0;
    for (std::size_t end = std::min(step, bytes.size());;
         end = std::min(end + step, bytes.size())) {
        while (auto message = reader.next(bytes.substr(begin, end - begin))) {
            fuzz::require(reader.consumed() > 0 && reader.consumed() <= end - begin);
            begin += reader.consumed();
            all.text += std::to_string(static_cast<int>(message->what)) +
                        to_string(message->value) + message->error + "\n";
            (void)classify_error(message->error);
        }
        all.corrupt = reader.corrupt();
        if (all.corrupt || end == bytes.size()) return all;
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto whole = read_all(bytes, bytes.size() + 1);
    const auto pieces = read_all(bytes, 1 + data[0] % 16);
    holdfast::fuzz::require(whole.text == pieces.text && whole.corrupt == pieces.corrupt);
    return 0;
}
