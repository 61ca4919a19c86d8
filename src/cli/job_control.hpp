// Being suspended as a job of a shell: Ctrl-Z, fg and bg.
#pragma once

namespace holdfast::cli {

enum class suspended { only_us, our_group };

/// Whether standard input is our terminal and it is our process group's turn to use it.
bool in_foreground();

/// Lets the signal (SIGTSTP, SIGTTIN or SIGTTOU) do to us, or to our whole process group, what it
/// does by itself, although we listen to it. Returns when somebody has continued us; that SIGCONT
/// goes to no listener any more. False: it did nothing, because no shell watches over our group
/// (it is orphaned), and nobody could continue it.
bool suspend(suspended whom, int number);

}  // namespace holdfast::cli
