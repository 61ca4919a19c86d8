// Keeps one contiguous stretch of unread bytes, moving it as little as possible.
#include "store/redis/inbox.hpp"

#include <cstring>

namespace holdfast {

boost::asio::mutable_buffer inbox::space() {
    if (begin_ == end_) {
        begin_ = end_ = 0;
        if (bytes_.size() > 16 * kept_size) {  // one huge answer does not keep its memory
            bytes_.resize(kept_size);
            bytes_.shrink_to_fit();
        }
    } else if (bytes_.size() - end_ < least_space) {
        std::memmove(bytes_.data(), bytes_.data() + begin_, end_ - begin_);
        end_ -= begin_;
        begin_ = 0;
        if (bytes_.size() - end_ < least_space) bytes_.resize(bytes_.size() * 2);
    }
    return {bytes_.data() + end_, bytes_.size() - end_};
}

std::optional<resp3_message> inbox::next() {
    if (begin_ == end_) return std::nullopt;
    auto message = reader_.next({bytes_.data() + begin_, end_ - begin_});
    if (message) begin_ += reader_.consumed();
    return message;
}

}  // namespace holdfast
