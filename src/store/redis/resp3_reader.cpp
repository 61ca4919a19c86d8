// The guard before Boost.Redis's parser, and the growing of reply trees from its flat nodes.
#include "store/redis/resp3_reader.hpp"

#include <boost/redis/impl/error.ipp>
#include <boost/redis/resp3/impl/parser.ipp>

#include <charconv>

namespace holdfast {
namespace resp3 = boost::redis::resp3;

// A head is one line: a type byte and, for lengths and counts, one to nine digits. '?' lengths,
// stream parts and attributes are refused: Redis never sends them unasked and the parser is unsafe
// with them.
resp3_reader::head resp3_reader::look_at(std::string_view bytes) {
    const auto end = bytes.find("\r\n");
    if (end == bytes.npos) return bytes.size() > (1u << 16) ? head::corrupt : head::incomplete;
    const auto type = resp3::to_type(bytes.front());
    const auto rest = bytes.substr(1, end == 0 ? 0 : end - 1);
    switch (type) {
        case resp3::type::simple_string:
        case resp3::type::simple_error:
        case resp3::type::null: return head::admissible;
        case resp3::type::number:
        case resp3::type::doublean:
        case resp3::type::boolean:
        case resp3::type::big_number: return rest.empty() ? head::corrupt : head::admissible;
        case resp3::type::blob_string:
        case resp3::type::blob_error:
        case resp3::type::verbatim_string:
        case resp3::type::array:
        case resp3::type::push:
        case resp3::type::set:
        case resp3::type::map: break;
        default: return head::corrupt;
    }
    std::size_t length = 0;
    const auto [stop, failed] = std::from_chars(rest.data(), rest.data() + rest.size(), length);
    const bool whole = failed == std::errc() && stop == rest.data() + rest.size();
    return whole && length <= most_bytes ? head::admissible : head::corrupt;
}

std::optional<resp3_message> resp3_reader::next(std::string_view bytes) {
    boost::system::error_code failed;
    while (!parser_.done()) {
        if (!bulk_expected_) {
            const auto at = parser_.get_consumed();
            const auto seen = at < bytes.size() ? look_at(bytes.substr(at)) : head::incomplete;
            if (seen == head::incomplete) return std::nullopt;
            if (seen == head::corrupt) {
                corrupt_ = true;
                return std::nullopt;
            }
        }
        const auto read = parser_.consume(bytes, failed);
        if (failed) {
            corrupt_ = true;
            return std::nullopt;
        }
        bulk_expected_ = !read;  // the head is whole, so it is the body that is not
        if (!read) return std::nullopt;
        add(*read);
    }
    consumed_ = parser_.get_consumed();
    auto whole = std::move(message_);
    parser_.reset();
    message_ = {};
    return whole;
}

void resp3_reader::reset() { *this = {}; }

void resp3_reader::add(const node& read) {
    using resp3::type;
    switch (read.data_type) {
        case type::array:
        case type::set:
        case type::map:
        case type::push: {
            if (read.data_type == type::push) message_.what = resp3_message::kind::push;
            const auto count = read.aggregate_size * resp3::element_multiplicity(read.data_type);
            if (count == 0) return add(reply(reply::array{}));
            open_.push_back({{}, count});
            // A count is only a claim until the items have come.
            open_.back().items.reserve(count < 64 ? count : 64);
            return;
        }
        case type::number: {
            std::int64_t number = 0;
            const auto* end = read.value.data() + read.value.size();
            const auto [stop, failed] = std::from_chars(read.value.data(), end, number);
            if (failed != std::errc() || stop != end) return add(reply(std::string(read.value)));
            return add(reply(number));
        }
        case type::boolean: return add(read.value == "t" ? reply(std::int64_t{1}) : reply());
        case type::null: return add(reply());
        case type::verbatim_string:  // "txt:" comes before the text
            return add(
                reply(std::string(read.value.size() < 4 ? read.value : read.value.substr(4))));
        case type::simple_error:
        case type::blob_error:
            if (message_.error.empty()) message_.error = read.value;
            if (message_.what == resp3_message::kind::answer)
                message_.what = resp3_message::kind::error;
            return add(reply());
        default: return add(reply(std::string(read.value)));
    }
}

void resp3_reader::add(reply value) {
    while (!open_.empty()) {
        auto& into = open_.back();
        into.items.push_back(std::move(value));
        if (--into.missing > 0) return;
        value = reply(std::move(into.items));
        open_.pop_back();
    }
    message_.value = std::move(value);
}

}  // namespace holdfast
