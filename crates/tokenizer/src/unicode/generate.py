#!/usr/bin/env python3
"""Writes the two tables beside this file: python3 generate.py UNICODE.json

UNICODE.json holds the general categories of Unicode 15.1 as runs, [first code point, letter], as in
shared/data/tokenizers/pre/unicode.json. The decompositions come from Python's own unicodedata (14.0 or later: none
were added up to 15.1).

categories.bin   for each run: a varint of (length << 3 | category)
first_nfd.bin    for each character with a canonical decomposition, Hangul syllables left out: a varint of the distance
                 to the one before, and a zigzag varint of the difference between the first code points
A varint has seven bits a byte, the lowest first; the high bit says that more follow.
"""
import json
import pathlib
import sys
import unicodedata

CATEGORIES = ["undefined", "L", "N", "M", "P", "S", "Z", "C"]


def varint(n):
    out = bytearray()
    while n >= 0x80:
        out.append(n & 0x7F | 0x80)
        n >>= 7
    out.append(n)
    return bytes(out)


def zigzag(n):
    return varint(n * 2 if n >= 0 else -n * 2 - 1)


runs = json.load(open(sys.argv[1]))["runs"]
ends = [start for start, _ in runs[1:]] + [0x110000]
categories = b"".join(
    varint((end - start) << 3 | CATEGORIES.index(category)) for (start, category), end in zip(runs, ends)
)

first_nfd = b""
before = (0, 0)
for code in range(0x110000):
    if 0xD800 <= code < 0xE000 or 0xAC00 <= code < 0xD7A4:
        continue
    first = ord(unicodedata.normalize("NFD", chr(code))[0])
    if first != code:
        first_nfd += varint(code - before[0]) + zigzag(first - before[1])
        before = (code, first)

folder = pathlib.Path(__file__).parent
(folder / "categories.bin").write_bytes(categories)
(folder / "first_nfd.bin").write_bytes(first_nfd)
print(f"unicodedata {unicodedata.unidata_version}: {len(categories)} + {len(first_nfd)} bytes")
