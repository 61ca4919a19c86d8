// The receive buffer of a connection.
#pragma once

#include "store/redis/resp3_reader.hpp"

#include <boost/asio/buffer.hpp>

#include <cstddef>
#include <optional>
#include <vector>

namespace holdfast {

/// Bytes go in where the socket reads them to, messages come out.
class inbox {
public:
    /// Where to read to; never empty.
    boost::asio::mutable_buffer space();
    void arrived(std::size_t bytes) { end_ += bytes; }

    /// The next whole message, if there is one.
    std::optional<resp3_message> next();
    bool corrupt() const noexcept { return reader_.corrupt(); }

private:
    static constexpr std::size_t least_space = std::size_t{1} << 14;
    static constexpr std::size_t kept_size = std::size_t{1} << 16;

    std::vector<char> bytes_ = std::vector<char>(kept_size);
    std::size_t begin_ = 0;  // of the message being read
    std::size_t end_ = 0;
    resp3_reader reader_;
};

}  // namespace holdfast
