// Ends what a cancellation signal may do to an operation.
#pragma once

#include <boost/asio/associated_cancellation_slot.hpp>

namespace holdfast {

/// To be called once an operation is over, before its handler is: what it assigned to the handler's
/// slot refers to what is gone by then.
template <class Handler>
void clear_slot(const Handler& of) {
    auto slot = boost::asio::get_associated_cancellation_slot(of);
    if (slot.is_connected()) slot.clear();
}

}  // namespace holdfast
