#!/usr/bin/env python3
"""Fails on a source file over 500 lines and on words that defer work.

Usage: texts.py [FOLDER]   (a git checkout; default: the project this script lies in)
"""
import re
import subprocess
import sys
from pathlib import Path

LONGEST = 500
SOURCES = {".h", ".cpp", ".py", ".sh", ".js", ".mjs", ".ts", ".cmake"}
DATA = {".json", ".jsonl", ".sse", ".bin", ".png", ".pem"}
# Spelt apart, so that this file passes its own check.
DEFERRED = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")
TOP = {
    "CMakeLists.txt", "src", "include", "config", "providers", "tests", "docker", "docs", "README.md", "LICENSE",
    "CMakePresets.json", "dev",
}


def tracked(root):
    command = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    return sorted(set(filter(None, subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\0"))))


def is_source(path):
    return path.suffix in SOURCES or path.as_posix() in ("dev", ".ci/run", "tests/clients/run")


def is_recorded(path):
    """What was recorded or is fed to a parser: not our words."""
    return path.suffix in DATA or "transcripts" in path.parts or "corpus" in path.parts


def faults(root):
    for name in tracked(root):
        path = Path(name)
        if not name.startswith(".") and path.parts[0] not in TOP:
            yield f"{name}:1: the top level holds only {', '.join(sorted(TOP))}"
        if is_recorded(path) or not (root / path).is_file():
            continue
        try:
            lines = (root / path).read_text().splitlines()
        except UnicodeDecodeError:
            continue
        if is_source(path) and len(lines) > LONGEST:
            yield f"{name}:{len(lines)}: {len(lines)} lines; {LONGEST} is the most, so this file holds two ideas"
        for number, line in enumerate(lines, 1):
            if match := DEFERRED.search(line):
                yield f"{name}:{number}: says {match.group(1)}: do it or leave it out"


def main(arguments):
    root = Path(arguments[0]) if arguments else Path(__file__).resolve().parent.parent
    found = list(faults(root))
    print("\n".join(found) if found else "No file is too long, none puts work off.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
