"""Recompute the content hash of data files from `format.md`, with the standard library only.

    python -I verify_content_hash.py FILE... [sha256:EXPECTED]

Reads .jsonl, .ndjson, .json (an array), .csv and .tsv, each also .gz. Prints the content hash, the
order hash and the number of examples. Exit code 1: the content hash is not the expected one;
2: usage; 3: a file is not what it should be. Digests stay in memory, as does a .json file.
"""

import csv
import gzip
import hashlib
import io
import json
import math
import os
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

MAX_DEPTH = 256


def sha256(*parts: bytes) -> bytes:
    """SHA-256 of the parts, joined."""
    return hashlib.sha256(b"".join(parts)).digest()


def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object without null members; a key that stands twice is a fault."""
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        raise ValueError(f"a key stands twice among {names}")
    return {name: value for name, value in pairs if value is not None}


def double(token: str) -> float:
    """A finite double; also refuses `NaN` and `Infinity`, which Python's json hands here."""
    value = float(token)
    if not math.isfinite(value):
        raise ValueError(f"{token} is no JSON number")
    return value


DECODER = json.JSONDecoder(object_pairs_hook=members, parse_float=double, parse_constant=double)


def double_text(value: float) -> str:
    """A double as ECMAScript's Number::toString writes it."""
    if value == 0:
        return "0"
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    text, point = "".join(map(str, digits)), len(digits) + int(exponent)
    minus = "-" if sign else ""
    if 0 < point <= 21:
        whole, fraction = text[:point].ljust(point, "0"), text[point:]
        return minus + whole + ("." + fraction if fraction else "")
    if -6 < point <= 0:
        return minus + "0." + "0" * -point + text
    fraction = "." + text[1:] if len(text) > 1 else ""
    return f"{minus}{text[0]}{fraction}e{'+' if point > 0 else '-'}{abs(point - 1)}"


def canonical(value: Any, depth: int = 0) -> str:
    """The canonical form, as text. Object members that are null are gone already."""
    if value is None or isinstance(value, (str, bool)):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return double_text(value)
    if depth == MAX_DEPTH:
        raise ValueError(f"more than {MAX_DEPTH} levels")
    if isinstance(value, list):
        return "[" + ",".join(canonical(item, depth + 1) for item in value) + "]"
    names = sorted(value, key=lambda name: name.encode("utf-16-be"))
    return "{" + ",".join(canonical(n) + ":" + canonical(value[n], depth + 1) for n in names) + "}"


def rows(path: str) -> Iterator[Any]:
    """The examples of a file, in order."""
    packed = path.lower().endswith(".gz")
    kind = Path(path.lower().removesuffix(".gz")).suffix
    with gzip.open(path) if packed else Path(path).open("rb") as raw:
        # newline="": lines end at LF, CR LF and a lone CR, and keep what they end with
        text = io.TextIOWrapper(raw, encoding="utf-8-sig", newline="")
        if kind in (".jsonl", ".ndjson"):
            yield from (DECODER.decode(line) for line in text if line.strip(" \t\r\n"))
        elif kind == ".json":
            array = DECODER.decode(text.read())
            yield from array if isinstance(array, list) else [None]
        elif kind in (".csv", ".tsv"):
            yield from named(csv.reader(text, delimiter=",\t"[kind == ".tsv"], strict=True))
        else:
            raise ValueError("not a .jsonl, .json, .csv or .tsv file")


def named(records: Iterator[list[str]]) -> Iterator[dict[str, str]]:
    """The records below the header as objects; blank lines are none."""
    filled = filter(None, records)
    header = next(filled, [])
    if len(set(header)) < len(header):
        raise ValueError("two columns have one name")
    yield from (dict(zip(header, record, strict=True)) for record in filled)


def digest(example: Any) -> bytes:
    """The example digest."""
    if isinstance(example, dict):
        return sha256(canonical(example).encode())
    raise ValueError("an example is an object")


def content_hash(digests: list[bytes]) -> str:
    """The Merkle root over the sorted digests, in 4,096 buckets by their first 12 bits."""
    buckets: list[list[bytes]] = [[] for _ in range(4096)]
    for one in sorted(digests):
        buckets[int.from_bytes(one[:2], "big") >> 4].append(one)
    level = [sha256(b"\x00", *bucket) for bucket in buckets]
    while len(level) > 1:
        level = [sha256(b"\x01", *level[i : i + 2]) for i in range(0, len(level), 2)]
    return "sha256:" + sha256(b"\x02", len(digests).to_bytes(8, "big"), level[0]).hex()


def main(arguments: list[str]) -> int:
    """Print the hashes; return the exit code."""
    expected = [word for word in arguments if word.startswith("sha256:")]
    paths = sorted((word for word in arguments if word not in expected), key=os.fsencode)
    if not paths or len(expected) > 1:
        print(__doc__, file=sys.stderr)
        return 2
    csv.field_size_limit(2**31 - 1)
    digests: list[bytes] = []
    for path in paths:
        try:
            digests.extend(map(digest, rows(path)))
        except (OSError, EOFError, ValueError, RecursionError, csv.Error) as error:
            print(f"{path!a}: after {len(digests)} examples: {error!a}", file=sys.stderr)
            return 3
    found = content_hash(digests)
    order = "sha256:" + sha256(b"\x03", *digests).hex()
    print(f"content_hash {found}\norder_hash   {order}\nexamples     {len(digests)}")
    return 1 if expected and expected[0] != found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
