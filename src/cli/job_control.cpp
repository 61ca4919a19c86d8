// Default action for a moment; SIGCONT is held back meanwhile and taken: its coming is seen once.
#include "cli/job_control.hpp"

#include <unistd.h>

#include <csignal>
#include <ctime>

namespace holdfast::cli {

bool in_foreground() { return tcgetpgrp(0) == getpgrp(); }

bool suspend(suspended whom, int number) {
    sigset_t held_back, before;
    sigemptyset(&held_back);
    sigaddset(&held_back, SIGCONT);
    pthread_sigmask(SIG_BLOCK, &held_back, &before);
    struct sigaction by_itself{}, listening{};
    by_itself.sa_handler = SIG_DFL;
    sigaction(number, &by_itself, &listening);
    kill(whom == suspended::only_us ? getpid() : 0, number);
    const timespec at_once{};
    const bool continued = sigtimedwait(&held_back, nullptr, &at_once) == SIGCONT;
    sigaction(number, &listening, nullptr);
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return continued;
}

}  // namespace holdfast::cli
