"""Row links: which examples a step made of which, and which it dropped, where there are many.

The normative text is `docs/format.md`, section Row links.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import orjson

from dslineage.ids import Digest
from dslineage.store.files import write_file
from dslineage.store.framed import damaged, framed, missing, unframed

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAGIC = b"dsllnk01"
_SCHEMA = "dslineage.links/1"


@dataclass(frozen=True, eq=False)
class Links:
    """What a step did to examples, by their digests.

    `children` (n, 32) are sorted and different; the parents of child `i` are the rows of `parents`
    (m, 32) from `ends[i - 1]` to `ends[i]`. `dropped` (k, 32) are sorted and different, each with
    the place of its reason in `reasons`.
    """

    children: NDArray[np.uint8]
    ends: NDArray[np.int64]
    parents: NDArray[np.uint8]
    dropped: NDArray[np.uint8]
    codes: NDArray[np.uint32]
    reasons: tuple[str, ...]

    @property
    def derived(self) -> dict[bytes, tuple[bytes, ...]]:
        """The digests of the parents of each child, by its digest."""
        edges = pairwise([0, *self.ends.tolist()])
        return {
            child.tobytes(): tuple(parent.tobytes() for parent in self.parents[first:stop])
            for child, (first, stop) in zip(self.children, edges, strict=True)
        }

    def get(self, child: bytes, default: tuple[bytes, ...] = (), /) -> tuple[bytes, ...]:
        """The digests of the parents of one child; else the default."""
        place = self._children.place(child)
        if place is None:
            return default
        first = int(self.ends[place - 1]) if place else 0
        return tuple(one.tobytes() for one in self.parents[first : int(self.ends[place])])

    def reason(self, digest: bytes) -> str | None:
        """Why an example was dropped; None where it was not."""
        place = self._dropped.place(digest)
        return None if place is None else self.reasons[self.codes[place]]

    @cached_property
    def _children(self) -> _Sorted:
        return _Sorted(self.children)

    @cached_property
    def _dropped(self) -> _Sorted:
        return _Sorted(self.dropped)

    @cached_property
    def digest(self) -> Digest:
        """The SHA-256 of the content, by which the object is called."""
        return Digest.of(self._content)

    @cached_property
    def encoded(self) -> bytes:
        """The bytes of the object."""
        return framed(MAGIC, self._content, level=3)

    @classmethod
    def decode(cls, data: bytes, name: str) -> Links:
        """Read an object's bytes.

        Raises:
            IntegrityError: they are not those of the links of that name.
        """
        content = unframed(MAGIC, data, name)
        if Digest.of(content).hex != name:
            raise damaged(name, "its content has another hash")
        try:
            return cls._parsed(content)
        except (KeyError, TypeError, ValueError) as error:
            raise damaged(name, f"it holds no links ({error})") from error

    @classmethod
    def _parsed(cls, content: bytes) -> Links:
        head, _, body = content.partition(b"\n")
        document = orjson.loads(head)
        if document["schema"] != _SCHEMA:
            raise ValueError(f"its schema is {document['schema']!r:.100}")
        children, parents, dropped = (
            int(document[name]) for name in ("children", "parents", "dropped")
        )
        sizes = [32 * children, 8 * children, 32 * parents, 32 * dropped, 4 * dropped]
        if len(body) != sum(sizes):
            raise ValueError("it is longer or shorter than it says")
        starts = np.cumsum([0, *sizes]).tolist()
        parts = [body[first:stop] for first, stop in pairwise(starts)]
        found = cls(
            children=_digests(parts[0]),
            ends=np.frombuffer(parts[1], "<i8"),
            parents=_digests(parts[2]),
            dropped=_digests(parts[3]),
            codes=np.frombuffer(parts[4], "<u4"),
            reasons=tuple(map(str, document["reasons"])),
        )
        edges = np.concatenate([[0], found.ends])
        if (np.diff(edges) <= 0).any() or edges[-1] != parents:
            raise ValueError("its parents are not those of its children")
        if (found.codes >= len(found.reasons)).any():
            raise ValueError("it gives reasons that it does not list")
        if not (_ascend(found.children) and _ascend(found.dropped)):
            raise ValueError("its digests are not in order")
        return found

    @cached_property
    def _content(self) -> bytes:
        head = {
            "schema": _SCHEMA,
            "children": len(self.children),
            "parents": len(self.parents),
            "dropped": len(self.dropped),
            "reasons": self.reasons,
        }
        return b"".join(
            [
                orjson.dumps(head, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE),
                self.children.tobytes(),
                self.ends.astype("<i8").tobytes(),
                self.parents.tobytes(),
                self.dropped.tobytes(),
                self.codes.astype("<u4").tobytes(),
            ]
        )


class _Sorted:
    """Finds digests among sorted ones."""

    def __init__(self, digests: NDArray[np.uint8]) -> None:
        self._digests = digests
        self._prefixes = np.ascontiguousarray(digests[:, :8]).view(">u8").ravel().astype(np.uint64)

    def place(self, digest: bytes) -> int | None:
        """Where a digest is; None where it is not."""
        wanted = np.uint64(int.from_bytes(digest[:8], "big"))
        place = int(np.searchsorted(self._prefixes, wanted))
        while place < len(self._prefixes) and self._prefixes[place] == wanted:
            if self._digests[place].tobytes() == digest:
                return place
            place += 1
        return None


@dataclass
class LinksBuilder:
    """Collects links in the order in which they come, at 36 bytes a digest."""

    _children: bytearray = field(default_factory=bytearray)
    _counts: array[int] = field(default_factory=lambda: array("q"))
    _parents: bytearray = field(default_factory=bytearray)
    _dropped: bytearray = field(default_factory=bytearray)
    _codes: array[int] = field(default_factory=lambda: array("I"))
    _reasons: dict[str, int] = field(default_factory=dict)

    @property
    def derived(self) -> int:
        """How many examples were derived so far."""
        return len(self._counts)

    @property
    def dropped(self) -> dict[str, int]:
        """How many examples were dropped so far, by reason."""
        counts = np.bincount(np.array(self._codes, np.int64), minlength=len(self._reasons))
        return dict(sorted(zip(self._reasons, counts.tolist(), strict=True)))

    def derive(self, child: bytes, parents: Sequence[bytes]) -> None:
        """Note that an example was made of others, at least one."""
        self._children += child
        self._counts.append(len(parents))
        self._parents += b"".join(parents)

    def drop(self, digest: bytes, reason: str) -> None:
        """Note that an example was dropped."""
        self._dropped += digest
        self._codes.append(self._reasons.setdefault(reason, len(self._reasons)))

    def build(self) -> Links:
        """The links in order: equal children share their parents, the first reason counts."""
        children, merged = _digests(bytes(self._children)), _digests(bytes(self._parents))
        unique, own = _unique(children)
        codes = np.repeat(own, np.array(self._counts, np.int64))
        seen = np.concatenate([codes.astype(">u8").view(np.uint8).reshape(-1, 8), merged], axis=1)
        _, first = np.unique(seen.view("V40").ravel(), return_index=True)
        chosen = np.sort(first)
        chosen = chosen[np.argsort(codes[chosen], kind="stable")]
        counts = np.bincount(codes[chosen], minlength=len(unique))
        dropped, places = _unique(_digests(bytes(self._dropped)))
        _, firsts = np.unique(places, return_index=True)
        return Links(
            children=unique,
            ends=np.cumsum(counts).astype(np.int64),
            parents=merged[chosen],
            dropped=dropped,
            codes=np.array(self._codes, np.uint32)[firsts],
            reasons=tuple(self._reasons),
        )


def write_links(folder: Path, links: Links, *, durable: bool) -> None:
    """Write links under their name, unless they are there."""
    path = folder / links.digest.hex
    if not path.exists():
        write_file(path, links.encoded, durable=durable)


def read_links(folder: Path, digest: Digest) -> Links:
    """Read links; an IntegrityError where they are missing or damaged."""
    path = folder / digest.hex
    try:
        return Links.decode(path.read_bytes(), path.name)
    except FileNotFoundError:
        raise missing(path.name) from None


def _digests(data: bytes) -> NDArray[np.uint8]:
    return np.frombuffer(data, np.uint8).reshape(-1, 32)


def _unique(digests: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """The different digests in byte order, and the place among them of each."""
    found, places = np.unique(digests.view("V32").ravel(), return_inverse=True)
    return found.view(np.uint8).reshape(-1, 32), places.astype(np.int64)


def _ascend(digests: NDArray[np.uint8]) -> bool:
    """Whether digests are in byte order, and none twice."""
    return bool(np.array_equal(_unique(digests)[0], digests))
