"""The law of parents: from which examples upstream the examples of a version come.

An example's parent is the example with the same digest upstream; else the one with the same
conversation digest; else the one that a step recorded; else, labelled inferred, the one that the
diff pairs it with. What has none was created. So filtering, sorting, splitting, sampling, mixing,
dropping a field and converting a format need no stored link.

Everything works on columns of 32-byte digests; no text is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from dslineage.adapters.registry import adapter_id
from dslineage.numbering import numbered
from dslineage.sorting import order_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dslineage.versions.stored import StoredSnapshot


class Recorded(Protocol):
    """What somebody said an example was made of: a mapping, or the links of a step."""

    def get(self, child: bytes, default: tuple[bytes, ...], /) -> tuple[bytes, ...]:
        """The digests of its parents, by its digest; else the default."""


_NOWHERE = -1
_NO_FAMILY = "fields@"
_NONE = np.zeros((0, 32), np.uint8)


class Kind(IntEnum):
    """How a parent is known, from the surest to none at all."""

    SAME = 0
    SAME_CONVERSATION = 1
    RECORDED = 2
    INFERRED = 3
    CREATED = 4

    @property
    def label(self) -> str:
        """The kind in words, as documents have it."""
        return self.name.lower().replace("_", "-")


class Examples(NamedTuple):
    """The examples of a state of a data set, in file order: digests, and how they were read.

    `conversations` has no rows where the examples belong to no family, so that a conversation is
    the example itself.
    """

    digests: NDArray[np.uint8]
    conversations: NDArray[np.uint8]

    @classmethod
    def of(cls, snapshot: StoredSnapshot) -> Examples:
        """The examples of a snapshot."""
        rows = snapshot.rows()
        if adapter_id(snapshot.adapter).startswith(_NO_FAMILY):
            return cls(snapshot.digests(rows), _NONE)
        return cls(snapshot.digests(rows), snapshot.conversations(rows))

    @property
    def has_conversations(self) -> bool:
        """Whether a model is shown something of them that is not the whole example."""
        return len(self.conversations) == len(self.digests)


@dataclass(frozen=True, eq=False)
class Origins:
    """Where each example of a version comes from.

    `kinds` has a `Kind` for each example, in file order. Examples that share their parents share a
    group; those of group `g` are the rows of `parents` (m, 32) from `starts[g]` to `starts[g + 1]`.
    `upstream` says for each parent in which of the upstream versions it is, -1 where a step
    recorded one that is in none of them. An example that is in several upstream versions has a
    parent in each; where several examples upstream show the same conversation, each of them may be
    the parent, and all are named.
    """

    kinds: NDArray[np.uint8]
    groups: NDArray[np.int64]
    starts: NDArray[np.int64]
    parents: NDArray[np.uint8]
    upstream: NDArray[np.int64]

    def of(self, position: int) -> tuple[Kind, tuple[bytes, ...]]:
        """How the parents of the example at a position are known, and their digests."""
        group = int(self.groups[position])
        some = self.parents[self.starts[group] : self.starts[group + 1]]
        distinct = dict.fromkeys(one.tobytes() for one in some)
        return Kind(int(self.kinds[position])), tuple(distinct)

    @property
    def counts(self) -> dict[str, int]:
        """How many examples there are of each kind, by its label."""
        found = np.bincount(self.kinds, minlength=len(Kind)).tolist()
        return {kind.label: found[kind] for kind in Kind if found[kind]}


def origins(
    child: Examples,
    upstream: Sequence[Examples],
    recorded: Recorded | None = None,
    inferred: Recorded | None = None,
) -> Origins:
    """Find the parents of every example of a version; see the law above.

    Conversations of different adapters are compared, too: their form does not depend on the family,
    so equal ones are the same conversation.

    Args:
        child: the version.
        upstream: the versions that it was made of.
        recorded: what steps recorded, by the child's digest.
        inferred: what the diff pairs, by the child's digest.
    """
    builder = _Builder(len(child.digests))
    examples = [_Index.by_digest(one) for one in upstream]
    builder.join(Kind.SAME, child.digests, examples)
    if child.has_conversations and builder.unknown:
        indexes = [_Index.by_conversation(one) for one in upstream]
        builder.join(Kind.SAME_CONVERSATION, child.conversations, indexes)
    for kind, said in ((Kind.RECORDED, recorded), (Kind.INFERRED, inferred)):
        if said and builder.unknown:
            builder.tell(kind, child.digests, said, examples)
    return builder.origins()


class _Found(NamedTuple):
    """Parents as columns: whose they are, their digests, and in which upstream version they are."""

    whose: NDArray[np.int64]
    parents: NDArray[np.uint8]
    upstream: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class _Index:
    """The different examples of one version, sorted by the first bytes of a key."""

    prefixes: NDArray[np.uint64]
    keys: NDArray[np.uint8]
    digests: NDArray[np.uint8]

    @classmethod
    def by_digest(cls, examples: Examples) -> _Index:
        """The examples by their digests."""
        digests = examples.digests[numbered(examples.digests).first]
        return cls._of(digests, digests)

    @classmethod
    def by_conversation(cls, examples: Examples) -> _Index:
        """The examples by what a model is shown of them; none where they belong to no family."""
        if not examples.has_conversations:
            return cls._of(_NONE, _NONE)
        first = numbered(examples.digests).first
        return cls._of(examples.conversations[first], examples.digests[first])

    @classmethod
    def _of(cls, keys: NDArray[np.uint8], digests: NDArray[np.uint8]) -> _Index:
        prefixes = _prefixes(keys)
        order = order_of(prefixes)
        return cls(prefixes[order], keys[order], digests[order])

    def find(self, wanted: NDArray[np.uint8]) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
        """All examples that have one of some keys: the place of the key, and the digest."""
        prefixes = _prefixes(wanted)
        first = np.searchsorted(self.prefixes, prefixes, "left")
        counts = np.searchsorted(self.prefixes, prefixes, "right") - first
        which = np.repeat(np.arange(len(wanted)), counts)
        places = np.arange(len(which)) + np.repeat(first - np.cumsum(counts) + counts, counts)
        same = (self.keys[places] == wanted[which]).all(axis=1)
        return which[same], self.digests[places[same]]


class _Builder:
    """Collects the parents of the examples of one version, each example at most once."""

    def __init__(self, examples: int) -> None:
        self._kinds = np.full(examples, Kind.CREATED, np.uint8)
        self._groups = np.zeros(examples, np.int64)
        self._found: list[_Found] = []
        self._size = 1

    @property
    def unknown(self) -> bool:
        """Whether there are examples without a parent."""
        return bool((self._kinds == Kind.CREATED).any())

    def join(self, kind: Kind, keys: NDArray[np.uint8], indexes: Sequence[_Index]) -> None:
        """Examples whose key is upstream come from all examples there that have it."""
        left = np.flatnonzero(self._kinds == Kind.CREATED)
        codes, first = numbered(keys[left])
        self._add(kind, left, codes, _located(keys[left][first], indexes), len(first))

    def tell(
        self, kind: Kind, digests: NDArray[np.uint8], said: Recorded, indexes: Sequence[_Index]
    ) -> None:
        """Examples of which somebody said what they were made of come from that."""
        left = np.flatnonzero(self._kinds == Kind.CREATED)
        codes, first = numbered(digests[left])
        pairs = [
            (place, parent)
            for place, digest in enumerate(digests[left][first])
            for parent in said.get(digest.tobytes(), ())
        ]
        whose = np.array([place for place, _ in pairs], np.int64)
        parents = np.frombuffer(b"".join(parent for _, parent in pairs), np.uint8).reshape(-1, 32)
        there = _located(parents, indexes)
        lost = np.setdiff1d(np.arange(len(parents)), there.whose)
        nowhere = _Found(whose[lost], parents[lost], np.full(len(lost), _NOWHERE, np.int64))
        found = _joined_columns([there._replace(whose=whose[there.whose]), nowhere])
        self._add(kind, left, codes, found, len(first))

    def origins(self) -> Origins:
        """All that was found."""
        whose, parents, upstream = _joined_columns(self._found)
        order = np.argsort(whose, kind="stable")
        starts = np.searchsorted(whose[order], np.arange(self._size + 1)).astype(np.int64)
        return Origins(self._kinds, self._groups, starts, parents[order], upstream[order])

    def _add(
        self,
        kind: Kind,
        examples: NDArray[np.int64],
        codes: NDArray[np.int64],
        found: _Found,
        size: int,
    ) -> None:
        """Give examples the parents that were found for their codes, which are below `size`."""
        has = np.zeros(size, bool)
        has[found.whose] = True
        known = has[codes]
        self._kinds[examples[known]] = kind
        self._groups[examples[known]] = self._size + codes[known]
        self._found.append(found._replace(whose=self._size + found.whose))
        self._size += size


def _located(wanted: NDArray[np.uint8], indexes: Sequence[_Index]) -> _Found:
    """Where keys are upstream."""
    parts = []
    for number, index in enumerate(indexes):
        which, digests = index.find(wanted)
        parts.append(_Found(which, digests, np.full(len(which), number, np.int64)))
    return _joined_columns(parts)


def _joined_columns(parts: Sequence[_Found]) -> _Found:
    none = _Found(np.zeros(0, np.int64), _NONE, np.zeros(0, np.int64))
    return _Found(*(np.concatenate(column) for column in zip(none, *parts, strict=True)))


def _prefixes(digests: NDArray[np.uint8]) -> NDArray[np.uint64]:
    return np.ascontiguousarray(digests[:, :8]).view(">u8").ravel().astype(np.uint64)
