#!/usr/bin/env python3
"""Fails on an #include that runs up or sideways in the house.

A file may include its own room and every room on a lower floor; rooms on one floor never include each other.
Usage: floors.py [FOLDER]   (default: the project this script lies in)
"""
import os
import re
import sys
from pathlib import Path

# From the ground up. "src/store/*": each folder below is a room of its own.
FLOORS = [
    ["include/sluice"],
    ["src/base"],
    ["src/telemetry/metrics"],
    ["src/net"],
    ["src/telemetry", "src/dialect", "src/store/*", "src/config"],
    ["src/ledger", "providers"],
    ["src/middleware", "src/routing"],
    ["src/server", "src/admin", "src/cli"],
    ["src/daemon"],
    ["src/main.cpp"],
]
INCLUDE_FOLDERS = ["include", "src", "."]
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^">]+)[">]')


def room_of(path):
    """The (floor, room) that a path belongs to, None when it has no place in the house."""
    found = None
    for floor, rooms in enumerate(FLOORS):
        for pattern in rooms:
            parts = path.split("/")
            depth = pattern.count("/") + 1
            room = "/".join(parts[:depth])
            matches = room == pattern or (pattern.endswith("/*") and len(parts) > depth and room.startswith(pattern[:-1]))
            # The longest name wins: src/telemetry/metrics is not src/telemetry.
            if matches and (found is None or depth > found[1].count("/") + 1):
                found = (floor, room)
    return found


def resolve(root, including, name):
    """The path inside the project that an include means, None for a library's."""
    for folder in [os.path.dirname(including), *INCLUDE_FOLDERS]:
        path = os.path.normpath(os.path.join(folder, name))
        if not path.startswith("..") and (root / path).is_file():
            return path
    return None


def faults(root):
    for folder in ["include", "src", "providers"]:
        for file in sorted((root / folder).rglob("*")):
            if file.suffix not in (".h", ".cpp"):
                continue
            path = file.relative_to(root).as_posix()
            own = room_of(path)
            if own is None:
                yield f"{path}:1: lies in no room of the house"
                continue
            for number, line in enumerate(file.read_text().splitlines(), 1):
                match = INCLUDE.match(line)
                target = match and resolve(root, path, match.group(1))
                if not target:
                    continue
                other = room_of(target)
                if other is None:
                    yield f"{path}:{number}: includes {target}, which lies in no room of the house"
                elif other[1] != own[1] and other[0] >= own[0]:
                    way = "up" if other[0] > own[0] else "sideways"
                    yield f"{path}:{number}: includes {target}: from {own[1]} {way} to {other[1]}"


def main(arguments):
    root = Path(arguments[0]) if arguments else Path(__file__).resolve().parent.parent
    found = list(faults(root))
    print("\n".join(found) if found else "Every include runs down.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
