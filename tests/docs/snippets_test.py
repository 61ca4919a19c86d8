#!/usr/bin/env python3
"""C++ in the documentation is cut from a program that is built: each block stands in one, line by line.

Usage: snippets_test.py REPOSITORY
"""
import pathlib
import re
import sys


def normal(line: str) -> str:
    """Indentation and the alignment of comments do not matter."""
    return re.sub(r"\s+", " ", line).strip()


def blocks(text: str):
    for match in re.finditer(r"^```(?:cpp|c\+\+)\n(.*?)^```", text, re.M | re.S):
        yield text[: match.start()].count("\n") + 2, [normal(l) for l in match[1].splitlines() if l.strip()]


def stands_in(wanted: list, program: list) -> bool:
    """Each group of neighbouring lines, in order; lines of the program may lie between."""
    rest = iter(program)
    return all(any(line == candidate for candidate in rest) for line in wanted)


def main() -> int:
    root = pathlib.Path(sys.argv[1])
    programs = {
        path: [normal(l) for l in path.read_text().splitlines() if l.strip()]
        for path in [*root.glob("examples/*.cpp"), *root.glob("tests/install/consumer/*.cpp")]
    }
    bad = seen = 0
    for page in [root / "README.md", *sorted(root.glob("docs/**/*.md"))]:
        for line, wanted in blocks(page.read_text()):
            seen += 1
            if not any(stands_in(wanted, program) for program in programs.values()):
                bad += 1
                print(f"{page.relative_to(root)}:{line}: this C++ stands in no example")
    print(f"{seen} blocks, {bad} of them in no example")
    return 1 if bad or seen == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
