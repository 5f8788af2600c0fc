"""What `git cat-file --batch` answers, taken apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def asked(names: Iterable[str]) -> bytes:
    """What git is given to be asked for some objects."""
    return "".join(f"{name}\n" for name in names).encode(errors="surrogateescape")


def contents(answer: bytes, names: Iterable[str]) -> Iterator[bytes | None]:
    """The bytes of each object that was asked for; None where git has not got it."""
    start = 0
    for _ in names:
        end = answer.index(b"\n", start)
        facts = answer[start:end].split()
        start = end + 1
        if len(facts) != 3:
            yield None
            continue
        end = start + int(facts[2])
        yield answer[start:end]
        start = end + 1
