#!/usr/bin/env python3
"""Takes the ranks of OpenAI's encodings from the npm package `tiktoken` and writes them beside this file.

Usage: take.py            (needs npm; fetches the version below)

A rank is the number of a token: 0 to 255 are the single bytes, every later token is the join of two earlier
ones. ENCODING.bin, inflated, is 256 bytes (the byte of each rank), then six planes of one byte per later token:
the low, middle and high byte of the rank of its left part, then of its right part. These parts are what the
encoding itself joins last, so the planes hold the whole order of joins as well as the bytes of each token.
ENCODING.inc says how large this is.
"""
import base64
import json
import subprocess
import tempfile
import zlib
from pathlib import Path

PACKAGE = "tiktoken@1.0.22"
ENCODINGS = ["cl100k_base", "o200k_base"]
HERE = Path(__file__).resolve().parent


def packed_ranks(folder, encoding):
    """Token bytes → rank, from the text of the package: lines of `! FIRST-RANK BASE64…`."""
    text = json.loads((folder / "package" / "encoders" / f"{encoding}.json").read_text())["bpe_ranks"]
    ranks = {}
    for line in text.splitlines():
        _, first, *tokens = line.split(" ")
        for rank, token in enumerate(tokens, int(first)):
            ranks[base64.b64decode(token)] = rank
    return ranks


def last_join(ranks, token):
    """The two parts that the encoding joins last to make this token."""
    parts = [token[i : i + 1] for i in range(len(token))]
    while len(parts) > 2:
        rank, at = min((ranks.get(a + b, len(ranks)), i) for i, (a, b) in enumerate(zip(parts, parts[1:])))
        if rank == len(ranks):
            raise SystemExit(f"{token!r} cannot be joined: this file format does not hold such a token")
        parts[at : at + 2] = [parts[at] + parts[at + 1]]
    return parts


def pack(ranks):
    tokens = sorted(ranks, key=ranks.get)
    if [ranks[token] for token in tokens] != list(range(len(tokens))) or any(len(t) != 1 for t in tokens[:256]):
        raise SystemExit("the ranks are not 0, 1, 2 … with the single bytes first")
    joins = [tuple(ranks[part] for part in last_join(ranks, token)) for token in tokens[256:]]
    planes = b"".join(bytes(join[side] >> shift & 255 for join in joins) for side in (0, 1) for shift in (0, 8, 16))
    return b"".join(tokens[:256]) + planes


def unpack(data):
    count = (len(data) - 256) // 6
    tokens = [data[i : i + 1] for i in range(256)]
    for i in range(256, 256 + count):
        left, right = (
            sum(data[i + (3 * side + place) * count] << 8 * place for place in range(3)) for side in (0, 1)
        )
        tokens.append(tokens[left] + tokens[right])  # Fails unless both are of a lower rank.
    return {token: rank for rank, token in enumerate(tokens)}


def main():
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["npm", "pack", "--silent", PACKAGE], cwd=folder, check=True)
        subprocess.run(["tar", "xzf", *Path(folder).glob("*.tgz")], cwd=folder, check=True)
        for encoding in ENCODINGS:
            ranks = packed_ranks(Path(folder), encoding)
            data = pack(ranks)
            if unpack(data) != ranks:
                raise SystemExit(f"{encoding}: what was written does not read back")
            small = zlib.compress(data, 9)
            (HERE / f"{encoding}.bin").write_bytes(small)
            (HERE / f"{encoding}.inc").write_text(
                f"// Written by take.py from {PACKAGE}.\n"
                f"{{.tokens = {len(ranks)}, .bytes = {sum(map(len, ranks))}, .crc32 = 0x{zlib.crc32(small):08x}U}}\n"
            )
            print(f"{encoding}: {len(ranks)} tokens, {len(data)} bytes, compressed to {len(small)}")


if __name__ == "__main__":
    main()
