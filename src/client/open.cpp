// The public way to a runtime and a store.
#include "holdfast/open.hpp"

#include "client/open_store.hpp"
#include "runtime/asio_runtime.hpp"

namespace holdfast {

std::shared_ptr<runtime> make_runtime(boost::asio::io_context& context) {
    return std::make_shared<asio_runtime>(context);
}

store_factory store_at(const std::string& url) {
    std::string why;
    auto opened = store_source::open({.url = url}, logger(log_level::warn, log_format::text), why);
    if (!opened) throw boost::system::system_error(opened.error(), why);
    const std::shared_ptr<store_source> source = std::move(*opened);
    return [source](runtime& rt) { return source->attach(rt, null_journal()); };
}

}  // namespace holdfast
