// The queue and the threads behind blocking_pool.
#include "token/users/blocking_pool.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

namespace holdfast {

class blocking_pool::impl {
public:
    explicit impl(limits most) : most_(most) {
        for (std::size_t i = 0; i < most.threads; ++i) threads_.emplace_back([this] { serve(); });
    }

    ~impl() {
        {
            const std::lock_guard held(mutex_);
            stopping_ = true;
        }
        wake_.notify_all();
        for (auto& thread : threads_) thread.join();
    }

    bool try_post(std::function<void()> work) {
        if (most_.threads == 0) {
            work();
            return true;
        }
        {
            const std::lock_guard held(mutex_);
            if (stopping_ || queue_.size() >= most_.waiting + idle_) return false;
            queue_.push_back(std::move(work));
        }
        wake_.notify_one();
        return true;
    }

private:
    void serve() {
        std::unique_lock held(mutex_);
        for (;;) {
            ++idle_;
            wake_.wait(held, [this] { return stopping_ || !queue_.empty(); });
            --idle_;
            if (stopping_) return;
            auto work = std::move(queue_.front());
            queue_.pop_front();
            held.unlock();
            work();
            work = nullptr;  // what it captured dies before the next wait, outside the lock
            held.lock();
        }
    }

    limits most_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::function<void()>> queue_;
    std::size_t idle_ = 0;
    bool stopping_ = false;
    std::vector<std::thread> threads_;  // last: they use everything above
};

blocking_pool::blocking_pool(limits most) : impl_(std::make_unique<impl>(most)) {}
blocking_pool::~blocking_pool() = default;

bool blocking_pool::try_post(std::function<void()> work) {
    return impl_->try_post(std::move(work));
}

}  // namespace holdfast
