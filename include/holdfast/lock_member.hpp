// What the asynchronous face of every member of the lock family has in it.
#pragma once

#include "holdfast/completion.hpp"
#include "holdfast/locker.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <memory>
#include <utility>

namespace holdfast {

/// A name, and the locker that speaks for it. A base for the members, of no use by itself.
class lock_member {
protected:
    lock_member(locker& locks, lock_name name) : core_(locks.core()), name_(std::move(name)) {}
    /// The runtime's.
    boost::asio::any_io_executor executor() const;

    /// A call of the member, for any completion token.
    template <class T, class CompletionToken>
    auto answer(task<result<T>> work, CompletionToken&& token) const {
        return async_answer(executor(), std::move(work), std::forward<CompletionToken>(token));
    }

    std::shared_ptr<lock_core> core_;
    lock_name name_;
};

}  // namespace holdfast
