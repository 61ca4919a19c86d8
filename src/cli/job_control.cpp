// Default action for a moment; SIGCONT is held back meanwhile, so that its coming can be seen.
#include "cli/job_control.hpp"

#include <unistd.h>

#include <csignal>

namespace holdfast::cli {

bool suspend(suspended whom, int number) {
    sigset_t held_back, before, pending;
    sigemptyset(&held_back);
    sigaddset(&held_back, SIGCONT);
    pthread_sigmask(SIG_BLOCK, &held_back, &before);
    struct sigaction by_itself{}, listening{};
    by_itself.sa_handler = SIG_DFL;
    sigaction(number, &by_itself, &listening);
    kill(whom == suspended::only_us ? getpid() : 0, number);
    sigpending(&pending);
    const bool continued = sigismember(&pending, SIGCONT) == 1;
    sigaction(number, &listening, nullptr);
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return continued;
}

}  // namespace holdfast::cli
