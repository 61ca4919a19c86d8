// Runs one coroutine to its end on a real runtime and gives back its value.
#pragma once

#include "runtime/asio_runtime.hpp"

#include <boost/asio/co_spawn.hpp>

#include <exception>
#include <optional>
#include <stdexcept>
#include <type_traits>

namespace holdfast::test {

/// An io_context with its runtime, for one test thread.
struct real_world {
    boost::asio::io_context context;
    asio_runtime runtime{context};

    /// Runs until the coroutine has ended, rethrows what it threw. Other coroutines of the context
    /// progress meanwhile and stay suspended afterwards.
    template <class T>
    T run(task<T> work) {
        std::exception_ptr failed;
        std::optional<std::conditional_t<std::is_void_v<T>, bool, T>> value;
        bool done = false;
        auto finish = [&](std::exception_ptr e, auto... v) {
            failed = e;
            if constexpr (sizeof...(v) > 0) (value.emplace(std::move(v)), ...);
            done = true;
        };
        boost::asio::co_spawn(context, std::move(work), std::move(finish));
        context.restart();
        while (!done)
            if (context.run_one() == 0) throw std::logic_error("the coroutine waits for nothing");
        if (failed) std::rethrow_exception(failed);
        if constexpr (!std::is_void_v<T>) return std::move(*value);
    }
};

}  // namespace holdfast::test
