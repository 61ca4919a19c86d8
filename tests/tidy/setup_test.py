#!/usr/bin/env python3
"""tools/setup.sh on a system it does not know: one clear line, nothing done, and a way on.

Usage: setup_test.py REPOSITORY
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile


def main() -> int:
    script = pathlib.Path(sys.argv[1]) / "tools" / "setup.sh"
    with tempfile.TemporaryDirectory() as tools:
        for name in ("bash", "dirname", "sed", "grep", "id", "env"):
            os.symlink(shutil.which(name), os.path.join(tools, name))

        def run(**extra):
            return subprocess.run(["bash", str(script)], env={"PATH": tools, **extra}, capture_output=True, text=True)

        unknown = run()
        bad = []
        if unknown.returncode != 1 or unknown.stdout:
            bad.append(f"exit code {unknown.returncode}, printed {unknown.stdout!r}")
        if unknown.stderr.count("\n") != 1 or not unknown.stderr.startswith("setup: "):
            bad.append(f"not one line: {unknown.stderr!r}")
        for word in ("no apt", "vcpkg.json", "HOLDFAST_SETUP=skip make build"):
            if word not in unknown.stderr:
                bad.append(f"does not say {word!r}: {unknown.stderr!r}")
        skipped = run(HOLDFAST_SETUP="skip")
        if skipped.returncode != 0 or skipped.stdout or skipped.stderr:
            bad.append(f"HOLDFAST_SETUP=skip does not skip: {skipped}")
    for line in bad:
        print(line)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
