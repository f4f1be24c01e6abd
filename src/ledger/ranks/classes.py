#!/usr/bin/env python3
"""Writes tokens_classes.inc: the classes of characters that the encodings split text by, as a table of two stages.

Usage: classes.py         (needs the Python package `unicodedata2`, version 16.0.0)

Unicode 16.0.0 is what the `tiktoken` package of take.py goes by (its regex crate is 1.11.1). A character of
number N has the class kBlocks[kBlockOf[N / 128]][N % 128], two of them to a byte, the lower first.
"""
from pathlib import Path

import unicodedata2

UNICODE = "16.0.0"
BLOCK = 128
# As in enum class CharacterClass.
OTHER, UPPER, LOWER, LETTER, MARK, NUMBER, SPACE, NEWLINE = range(8)
CLASS_OF = {"Lu": UPPER, "Lt": UPPER, "Ll": LOWER, "Lm": LETTER, "Lo": LETTER, "M": MARK, "N": NUMBER}
# White_Space, which no Unicode package of Python tells: it has not changed since Unicode 6.3.
SPACES = {0x09, 0x0B, 0x0C, 0x20, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000}
NEWLINES = {0x0A, 0x0D}


def class_of(number):
    if number in NEWLINES:
        return NEWLINE
    if number in SPACES:
        return SPACE
    category = unicodedata2.category(chr(number))
    return CLASS_OF.get(category, CLASS_OF.get(category[0], OTHER))


def rows(numbers, width):
    for at in range(0, len(numbers), width):
        yield ",".join(map(str, numbers[at : at + width])) + ",\n"


def main():
    if unicodedata2.unidata_version != UNICODE:
        raise SystemExit(f"unicodedata2 knows Unicode {unicodedata2.unidata_version}, not {UNICODE}")
    blocks = {}
    block_of = []
    for first in range(0, 0x110000, BLOCK):
        classes = [class_of(number) for number in range(first, first + BLOCK)]
        packed = tuple(low | high << 4 for low, high in zip(classes[::2], classes[1::2]))
        block_of.append(blocks.setdefault(packed, len(blocks)))
    if len(blocks) > 256:
        raise SystemExit("more blocks than a byte can tell apart")
    with open(Path(__file__).resolve().parent.parent / "tokens_classes.inc", "w") as file:
        file.write(f"// Written by ranks/classes.py for Unicode {UNICODE}.\n")
        file.write(f"inline constexpr std::uint8_t kBlockOf[{len(block_of)}] = {{\n")
        file.writelines(rows(block_of, 32))
        file.write(f"}};\ninline constexpr std::uint8_t kBlocks[{len(blocks)}][{BLOCK // 2}] = {{\n")
        for block in blocks:
            file.write("{" + ",".join(map(str, block)) + "},\n")
        file.write("};\n")
    print(f"{len(blocks)} different blocks, {len(block_of) + len(blocks) * BLOCK // 2} bytes")


if __name__ == "__main__":
    main()
