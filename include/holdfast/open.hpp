// What a program starts from: a runtime on its own io_context, and the store behind a URL.
#pragma once

#include "holdfast/client.hpp"
#include "holdfast/runtime.hpp"

#include <boost/asio/io_context.hpp>

#include <memory>
#include <string>

namespace holdfast {

/// The clocks and the entropy of this machine. One thread at a time runs the context, which
/// outlives the runtime. Throws boost::system::system_error when the kernel has no timer to give.
std::shared_ptr<runtime> make_runtime(boost::asio::io_context& context);

/// Opens "memory:", "embedded:FOLDER", "redis://HOST:PORT/DB" or "rediss://…", and gives what makes
/// a store of it: for `client`, or called with a runtime of one's own. A Redis is connected in the
/// background: calls wait for it within their time limit, so success does not mean that it is
/// there. `?prefix=` in a Redis URL replaces "hf:" before every key but the locks' own.
///
/// Throws boost::system::system_error whose text says what is wrong and what to write instead:
/// errc::invalid_argument (the URL), errc::folder_in_use, errc::store_unavailable (the folder).
store_factory store_at(const std::string& url);

}  // namespace holdfast
