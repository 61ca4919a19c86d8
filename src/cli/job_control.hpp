// Being suspended as a job of a shell: Ctrl-Z, fg and bg.
#pragma once

namespace holdfast::cli {

enum class suspended { only_us, our_group };

/// Lets the signal (SIGTSTP, SIGTTIN or SIGTTOU) do to us, or to our whole process group, what it
/// does by itself, although we listen to it. Returns when somebody has continued us. False: it did
/// nothing, because no shell watches over our group (it is orphaned), and nobody could continue it.
bool suspend(suspended whom, int number);

}  // namespace holdfast::cli
