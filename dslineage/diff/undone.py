"""A newer state with some of its changes undone: what an ablation trains on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from dslineage import merkle
from dslineage.canonical.fast import write_values
from dslineage.diff import kinds
from dslineage.diff.comparison import Comparison
from dslineage.diff.result import KINDS, SchemaChange
from dslineage.diff.view import text_form
from dslineage.errors import UsageError
from dslineage.ids import Digest

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dslineage.versions.snapshot import Snapshot

UNDOABLE = (*KINDS, "edited", "removed", "added")
"""What can be undone: a kind of edit, every edit, and that examples went away or came."""

_BATCH = 1024
_HOW = ("formatting", "encoding")
_WHERE = ("prompt", "response", "chosen", "rejected", "system", "tools", "field")


@dataclass(frozen=True, slots=True, eq=False)
class Undone:
    """Examples of the newer state with older ones in the place of some, and behind the last.

    `rows` are those of the newer state that stay or are replaced; `older` has for each the row of
    the older example in its place, or -1; `back` are rows of older ones that are put back.
    `changes` of the schema stay. `also` counts kinds of edit that nobody asked to undo, but that
    were in a pair with one that was.
    """

    before: Snapshot
    after: Snapshot
    rows: NDArray[np.int64]
    older: NDArray[np.int64]
    back: NDArray[np.int64]
    changes: tuple[SchemaChange, ...]
    also: Mapping[str, int]

    @classmethod
    def of(cls, comparison: Comparison, what: Sequence[str]) -> Undone:
        """Undo some kinds of change.

        The order is that of the newer state. An edited pair that has one of the kinds is undone
        as a whole: the older example stands in the newer one's place. With `added`, examples that
        came are left out; with `removed`, those that went stand behind the last one, in their old
        order.

        Raises:
            UsageError: there is no such kind; or the older examples have a schema of another
                family, so that they cannot stand among the newer ones.
        """
        for kind in what:
            if kind not in UNDOABLE:
                raise UsageError(
                    f"unknown kind {kind!r}", hint=f"the kinds are: {', '.join(UNDOABLE)}"
                )
        named = KINDS if "edited" in what else [kind for kind in KINDS if kind in what]
        undone = comparison.edited.select((comparison.edited.kinds & _bits(named)) != 0)
        removed = comparison.removed if "removed" in what else comparison.removed[:0]
        if comparison.frame.before.by_conversation and (len(undone) or len(removed)):
            raise UsageError(
                "the two states have schemas of different families, and an older example would "
                "not fit among newer ones",
                kind="schema-changed",
                hint="--without added, or --only edited --side from",
            )
        older = np.full(len(comparison.rows_after), -1, np.int64)
        older[undone.after] = comparison.rows_before[undone.before]
        kept = np.ones(len(older), bool)
        kept[comparison.added] = "added" not in what
        return cls(
            comparison.frame.before.snapshot,
            comparison.frame.after.snapshot,
            comparison.rows_after[kept],
            older[kept],
            comparison.rows_before[removed],
            comparison.schema_changes,
            _also(undone.kinds, named),
        )

    def examples(self) -> Iterator[dict[str, Any]]:
        """The examples, anew with each call."""
        older = self._put_in()
        for new, row in zip(self.after.read(self.rows), self.older.tolist(), strict=True):
            yield new if row < 0 else next(older)
        yield from older

    def content_hash(self) -> Digest:
        """The content hash of the examples."""
        put_in = self._put_in()
        digests = [self.after.digests(self.rows[self.older < 0])]
        while batch := list(islice(put_in, _BATCH)):
            joined = b"".join(hashlib.sha256(text).digest() for text in write_values(batch))
            digests.append(np.frombuffer(joined, np.uint8).reshape(-1, 32))
        return merkle.content_hash(*digests)

    def _put_in(self) -> Iterator[dict[str, Any]]:
        """The older examples, as they are put in."""
        replaced = self.older >= 0
        pairs = zip(
            self.before.read(self.older[replaced]),
            self.after.read(self.rows[replaced]),
            strict=True,
        )
        for old, new in pairs:
            yield carried(old, new, self.changes)
        for old in self.before.read(self.back):
            yield carried(old, {}, self.changes)


def _also(found: NDArray[np.uint16], named: Sequence[str]) -> Mapping[str, int]:
    """What else was changed by edits of the named kinds.

    `formatting` and `encoding` say how a text was changed, other kinds which: of a text that was
    changed in a named way, both mean the same edit.
    """
    others = found & ~_bits([*named, *_HOW])
    told = (found & _bits([kind for kind in _HOW if kind in named])) != 0
    return kinds.count(np.where(told, others & ~_bits(_WHERE), others))


def _bits(names: Iterable[str]) -> np.uint16:
    return np.uint16(sum(kinds.BITS[kind] for kind in set(names)))


def carried(
    old: Mapping[str, Any], new: Mapping[str, Any], changes: Sequence[SchemaChange]
) -> dict[str, Any]:
    """An older example under the newer schema; `new` is its newer form, or empty.

    It has the newer names, none of the fields that were removed, and of those that were added the
    values of its newer form. A value of another type that means the same is the newer one.
    """
    found = dict(old)
    for change in changes:
        match change.op:
            case "removed":
                found.pop(change.field, None)
            case "renamed" if change.field in found and change.to not in found:
                found = {
                    change.to if name == change.field else name: value
                    for name, value in found.items()
                }
            case "added" if change.field in new:
                found[change.field] = new[change.field]
            case "retyped" if change.field in found and change.field in new:
                if text_form(found[change.field]) == text_form(new[change.field]):
                    found[change.field] = new[change.field]
    return found
