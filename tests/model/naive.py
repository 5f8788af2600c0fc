"""What a data set with branches is, said naively: dictionaries of bytes, and sets of versions.

Nothing of the package is used here. Texts of different examples are nothing alike, so that no two
of them are one example that was edited.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from docs import verify_content_hash as verifier


def _words(*of: object) -> str:
    digits = hashlib.sha256(repr(of).encode()).hexdigest()
    return " ".join(digits[at : at + 5] for at in range(0, 60, 5))


def _line(number: int, *, turned: bool) -> bytes:
    pairs = [("prompt", _words("prompt", number)), ("completion", _words("answer", number))]
    return json.dumps(dict(pairs[::-1] if turned else pairs)).encode()


LINES = [_line(number, turned=turned) for number in range(12) for turned in (False, True)]
"""Twelve examples, each written in two ways."""


@lru_cache(maxsize=4096)
def examples(data: bytes) -> Counter[str]:
    """The examples of a file, however they are written."""
    return Counter(verifier.canonical(json.loads(line)) for line in data.splitlines() if line)


@lru_cache(maxsize=4096)
def content_hash(data: bytes) -> str:
    """The content hash, by the verifier that stands in the documents."""
    return verifier.content_hash(
        [verifier.sha256(one.encode()) for one in examples(data).elements()]
    )


class Made(NamedTuple):
    """A version."""

    number: int
    path: str
    data: bytes
    parents: tuple[str, ...]
    merged: bool = False


class Tree(NamedTuple):
    """What a commit, or an index, has: versions by id, the current one, and where it stands.

    `denied` are the examples that must not come back.
    """

    versions: frozenset[str]
    current: str
    path: str
    denied: frozenset[str] = frozenset()


@dataclass
class Common:
    """One git repository with its objects, which all its work trees share.

    `held` are the files that were stored, `erased` the examples whose bytes were forgotten since.
    `key` says whether the objects have what a deny list is read with.
    """

    branches: dict[str, Tree]
    tags: dict[str, Tree] = field(default_factory=dict)
    stashes: list[tuple[Tree, Tree]] = field(default_factory=list)
    held: set[bytes] = field(default_factory=set)
    erased: set[str] = field(default_factory=set)
    key: bool = True

    @property
    def whole(self) -> set[bytes]:
        """The files whose bytes can be given back."""
        return {data for data in self.held if self.erased.isdisjoint(examples(data))}


def ancestors(versions: Mapping[str, Made], id_: str) -> set[str]:
    """A version and all that it came from."""
    seen: set[str] = set()
    todo = [id_]
    while todo:
        one = todo.pop()
        if one not in seen:
            seen.add(one)
            todo += versions[one].parents
    return seen


def bases(versions: Mapping[str, Made], ours: str, theirs: str) -> set[str]:
    """The versions that both came from, without those that others of them came from."""
    common = ancestors(versions, ours) & ancestors(versions, theirs)
    return common - {
        older for one in common for parent in versions[one].parents
        for older in ancestors(versions, parent)
    }  # fmt: skip


def merged(base: bytes, ours: bytes, theirs: bytes) -> Counter[str]:
    """What both sides did to copies of examples, each thing once; docs/merge.md."""
    was, mine, yours = map(examples, (base, ours, theirs))
    return +Counter({one: _copies(was[one], mine[one], yours[one]) for one in was | mine | yours})


def _copies(was: int, mine: int, yours: int) -> int:
    fewer = max(was - mine, was - yours, 0)
    return was - fewer + max(mine - was, yours - was, 0)


def next_number(versions: Mapping[str, Made], among: Iterable[str]) -> int:
    """One more than the largest N."""
    return 1 + max((versions[id_].number for id_ in among), default=0)
