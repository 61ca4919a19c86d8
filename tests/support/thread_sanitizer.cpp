// What ThreadSanitizer cannot see: libstdc++ is not instrumented, and counts the references to an
// exception that goes from one thread to another (std::promise) with atomics of its own. Without
// this, ending the last of them looks like a race with whoever read the exception before.
extern "C" const char* __tsan_default_options();

const char* __tsan_default_options() { return "ignore_noninstrumented_modules=1"; }
