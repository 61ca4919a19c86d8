"""Feeds tools/tidy one bad line at a time: each check must be able to fail, and only where it should."""
import os
import subprocess
import sys
import tempfile

TIDY = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools", "tidy")
HEAD = "// A file.\n"

BAD = [  # path, text, words of the finding
    ("src/lock/a.cpp", HEAD + "auto t = std::chrono::steady_clock::now();\n", "only a runtime reads clocks"),
    ("src/lock/a.cpp", HEAD + "int n = rand();\n", "draw numbers from the runtime"),
    ("src/lock/a.cpp", HEAD + "std::random_device d;\n", "draw numbers from the runtime"),
    ("src/lock/a.cpp", HEAD + "std::this_thread::sleep_for(x);\n", "wait for the event"),
    ("src/lock/a.cpp", HEAD + "co_await acquire({name, ttl});\n", "miscompiles"),
    ("src/lock/a.cpp", HEAD + "co_await post([x] { f(); });\n", "miscompiles"),
    ("src/lock/a.cpp", HEAD + "task<bool> take(int n, options = {});\n", "miscompiles"),
    ("src/lock/a.cpp", HEAD + "if (a && !co_await b()) c();\n", "miscompiles"),
    ("src/lock/a.cpp", HEAD + "if (a ||\n    co_await b()) c();\n", "miscompiles"),
    ("src/lock/a.cpp", HEAD + "while (!x)\n    if (!co_await b()) break;\n", "miscompiles"),
    ("src/lock/a.cpp", HEAD + "// TO" + "DO later\n", "finish it"),
    ("src/lock/a.cpp", HEAD + "// old_call(1);\n", "code in a comment"),
    ("src/lock/a.cpp", "int x;\n", "sentence of purpose"),
    ("src/lock/a.cpp", HEAD + "int x; \n", "white space"),
    ("src/lock/a.cpp", HEAD + "int x;", "no line break"),
    ("src/lock/a.cpp", HEAD + "x" * 101 + "\n", "columns"),
    ("src/lock/a.cpp", HEAD + "void f() {\n" + "x();\n" * 70 + "}\n", "a function of"),
    ("src/lock/a.cpp", HEAD + "\n" * 600, "one idea a file"),
    ("src/lock/a.cpp", HEAD + '#include "token/jws/jws.hpp"\n', "lock must not include token"),
    ("src/base/a.cpp", HEAD + '#include "store/x.hpp"\n', "base must not include store"),
    ("src/token/a.cpp", HEAD + '#include "store/redis/redis_store.hpp"\n', "must not include store/redis"),
    ("include/holdfast/a.hpp", HEAD + '#pragma once\n#include "lock/a.hpp"\n', "include must not include lock"),
    ("include/holdfast/a.hpp", HEAD + "#pragma once\nvoid f(std::string a, std::string b);\n", "two strings"),
    ("src/lock/a.hpp", HEAD + "int x;\n", "#pragma once"),
    ("src/lock/a.lua", "-- A script.\nreturn 1\n", "documents KEYS"),
    ("src/lock/lonely.cpp", HEAD, "no CMakeLists.txt names it"),
]

GOOD = [
    ("src/runtime/a.cpp", HEAD + "auto t = std::chrono::steady_clock::now();\n"),
    ("src/lock/a.cpp", HEAD + "auto s = \"steady_clock::now()\";  // rand() is forbidden\n"),
    ("src/lock/a.cpp", HEAD + "co_await rt.sleep_until(at);\nconst int operand = 1;\n"),
    ("src/lock/a.cpp", HEAD + "auto first = co_await (a() || b());\n"),
    ("src/lock/a.cpp", HEAD + "if (a()) co_await b();\n"),
    ("src/schedule/a.cpp", HEAD + '#include "lock/a.hpp"\n#include "holdfast/store.hpp"\n'),
    ("src/cli/a.cpp", HEAD + '#include "store/redis/redis_store.hpp"\n'),
    ("src/lock/a.cpp", HEAD + "namespace a {\n" + "void f() {}\n" * 100 + "}\n"),
    ("src/lock/a.lua", "-- KEYS 1 name\n-- ARGV 1 id\n-- Reply: 1\nreturn 1\n"),
]


def findings(path, text):
    with tempfile.TemporaryDirectory() as folder:
        os.makedirs(os.path.join(folder, os.path.dirname(path)))
        with open(os.path.join(folder, path), "w", encoding="utf-8") as file:
            file.write(text)
        if "lonely" not in path:
            with open(os.path.join(folder, os.path.dirname(path), "CMakeLists.txt"), "w", encoding="utf-8") as file:
                file.write("add_library(a a.cpp a.lua)\n")
        done = subprocess.run([sys.executable, TIDY, folder], capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr


def main():
    failed = []
    for path, text, words in BAD:
        code, out = findings(path, text)
        if code != 1 or words not in out:
            failed.append(f"expected a finding \"{words}\" in {path}: {text[:60]!r}, got {code}: {out}")
    for path, text in GOOD:
        code, out = findings(path, text)
        if code != 0:
            failed.append(f"expected nothing in {path}: {text[:60]!r}, got {code}: {out}")
    print("\n".join(failed) if failed else f"{len(BAD)} bad and {len(GOOD)} good samples judged rightly")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
