"""Step 2: changes of (nearly) all examples at once, and what both sides have.

A field is added when at least 95% of one side's examples have it and at most 5% of the other's;
removed the other way round. A field that vanished and one that appeared are one renamed field
when examples that are otherwise equal have equal values in them, more often than values drawn at
random would be. A field whose values have another type is retyped; its values are then compared
as text where that makes them agree, and not at all where it does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dslineage.adapters.base import Adapter
from dslineage.canonical.jcs import canonical_bytes
from dslineage.diff.evidence import Evidence
from dslineage.diff.result import SchemaChange
from dslineage.diff.view import Projection, View
from dslineage.errors import UsageError
from dslineage.versions.snapshot import FieldStats, Snapshot

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NEARLY_ALL = 0.95


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """How two snapshots are compared: a view of each, and what was found on the way."""

    before: View
    after: View
    changes: tuple[SchemaChange, ...] = ()
    notices: tuple[str, ...] = ()

    @property
    def equalises(self) -> bool:
        """Whether examples with other digests may be equal on what both sides have."""
        return any(
            view.by_conversation or not view.projection.is_identity
            for view in (self.before, self.after)
        )


def frame(
    before: Snapshot,
    after: Snapshot,
    left_before: NDArray[np.int64],
    left_after: NDArray[np.int64],
    *,
    key: str | None,
    ignore: frozenset[str],
) -> Frame:
    """Decide how to compare what exact matching left over, given as row numbers.

    Raises:
        UsageError: `key` or `ignore` names a field that neither side has.
    """
    known = before.fields.keys() | after.fields.keys()
    for name in [*([key] if key is not None else []), *sorted(ignore)]:
        if name not in known and (before.examples or after.examples):
            choices = ", ".join(sorted(known)) or "none"
            raise UsageError(f"no example has a field {name!r}", hint=f"the fields are: {choices}")
    if len(left_before) and len(left_after):
        fields = _Fields.of(before, after, ignore)
        fields.resolve(Evidence(before, left_before), Evidence(after, left_after))
    else:
        fields = _Fields(before, after, ignore)
    return _framed(fields, key)


class _Fields:
    """What became of the top-level fields between two snapshots."""

    def __init__(self, before: Snapshot, after: Snapshot, ignore: frozenset[str]) -> None:
        self.before = before
        self.after = after
        self.ignore = ignore
        self.vanished: set[str] = set()
        self.appeared: set[str] = set()
        self.retyped: dict[str, str] = {}
        self.renamed: dict[str, str] = {}
        self.incomparable: set[str] = set()

    @classmethod
    def of(cls, before: Snapshot, after: Snapshot, ignore: frozenset[str]) -> _Fields:
        """The fields that vanished, appeared or have another type, by how many have them."""
        fields = cls(before, after, ignore)
        for name in sorted((before.fields.keys() | after.fields.keys()) - ignore):
            was, now = _share(before, name), _share(after, name)
            if now <= (1 - NEARLY_ALL) * was:
                fields.vanished.add(name)
            elif was <= (1 - NEARLY_ALL) * now:
                fields.appeared.add(name)
            else:
                old, new = _main_type(before.fields[name]), _main_type(after.fields[name])
                if old and new and old != new:
                    fields.retyped[name] = new
        return fields

    def resolve(self, before: Evidence, after: Evidence) -> None:
        """Find out which fields were renamed, and which retyped ones can be compared as text."""
        if not (self.vanished and self.appeared) and not self.retyped:
            return
        changed = frozenset(self.vanished | self.appeared | self.retyped.keys() | self.ignore)
        before.load(changed)
        after.load(changed)
        self.incomparable = {
            name for name in self.retyped if before.agreement(after, name, name) is None
        }
        while candidates := sorted(self._candidates(before, after)):
            _, _, old, new = candidates[0]
            self.renamed[old] = new
            self.vanished.remove(old)
            self.appeared.remove(new)
            before.rely_on(old)
            after.rely_on(new)

    def _candidates(
        self, before: Evidence, after: Evidence
    ) -> list[tuple[float, tuple[str, str], str, str]]:
        """Possible renamings, the best first whichever side comes first."""
        found = []
        for old in self.vanished:
            for new in self.appeared:
                agreement = before.agreement(after, old, new)
                if agreement is not None:
                    found.append((-agreement, (min(old, new), max(old, new)), old, new))
        return found

    @property
    def removed(self) -> set[str]:
        """The vanished fields that nearly all examples had."""
        return {name for name in self.vanished if _share(self.before, name) >= NEARLY_ALL}

    @property
    def added(self) -> set[str]:
        """The fields that nearly all examples now have."""
        return {name for name in self.appeared if _share(self.after, name) >= NEARLY_ALL}


def _framed(fields: _Fields, key: str | None) -> Frame:
    before, after = fields.before, fields.after
    own = before.adapter.consumed, after.adapter.consumed
    removed, added = fields.removed, fields.added
    notices = []
    # What conversations are made of was exchanged: both sides have them, under other fields.
    rebuilt = bool(removed & own[0]) and bool(added & own[1])
    if rebuilt:
        removed |= fields.vanished & own[0]
        added |= fields.appeared & own[1]
        notices.append(
            f"the schema changed from {before.adapter.name} to {after.adapter.name}: "
            "examples are compared by their conversations"
        )
    adapter, by_before = _adapter(before, after, fields, notices if not rebuilt else [])
    old_names = {new: old for old, new in fields.renamed.items()}
    common = old_names if by_before else fields.renamed
    dropped = fields.ignore | fields.incomparable
    name = _key(before, after, key, common)
    name = None if name in dropped | removed | added else name
    as_text = frozenset(fields.retyped.keys() - dropped)

    def view(snapshot: Snapshot, gone: set[str], consumed: frozenset[str]) -> View:
        renamed = {field: common[field] for field in common if field in snapshot.fields}
        left_out = frozenset(dropped | gone) - (consumed if rebuilt else frozenset())
        projection = Projection(left_out, renamed, as_text)
        return View(snapshot, projection, snapshot.adapter if rebuilt else adapter, name, rebuilt)

    return Frame(
        view(before, removed, own[0]),
        view(after, added, own[1]),
        _changes(fields, removed, added),
        tuple(notices),
    )


def _adapter(
    before: Snapshot, after: Snapshot, fields: _Fields, notices: list[str]
) -> tuple[Adapter, bool]:
    """The adapter for both sides, and whether it is `before`'s.

    Where they differ, the one that makes conversations of more fields that both sides have, in
    its own side's names; the same one whichever side comes first.
    """
    if before.adapter == after.adapter:
        return before.adapter, True
    new_names = fields.renamed
    shared = {
        (name, new_names.get(name, name))
        for name in before.fields
        if new_names.get(name, name) in after.fields
    }
    use_before = sum(old in before.adapter.consumed for old, _ in shared)
    use_after = sum(new in after.adapter.consumed for _, new in shared)
    if use_before != use_after:
        by_before = use_before > use_after
    else:
        by_before = _identity(before.adapter) < _identity(after.adapter)
    chosen = before.adapter if by_before else after.adapter
    if not fields.renamed:
        notices.append(
            f"the sides have different schemas ({before.adapter.name}, {after.adapter.name}): "
            f"both are compared as {chosen.name}"
        )
    return chosen, by_before


def _identity(adapter: Adapter) -> tuple[str, int, bytes]:
    return adapter.name, adapter.version, canonical_bytes(dict(adapter.mapping))


def _key(
    before: Snapshot, after: Snapshot, named: str | None, common: Mapping[str, str]
) -> str | None:
    """The key as it is named in the comparison: as asked, or as either side found it."""
    if named is not None:
        return common.get(named, named)
    found = {common.get(key, key) for key in (before.key, after.key) if key is not None}
    return found.pop() if len(found) == 1 else None


def _changes(fields: _Fields, removed: set[str], added: set[str]) -> tuple[SchemaChange, ...]:
    def present(side: Snapshot, name: str) -> int:
        return side.fields[name].present

    return (
        *(SchemaChange("removed", f, present(fields.before, f)) for f in sorted(removed)),
        *(SchemaChange("added", f, present(fields.after, f)) for f in sorted(added)),
        *(
            SchemaChange("renamed", old, present(fields.after, new), new)
            for old, new in sorted(fields.renamed.items())
        ),
        *(
            SchemaChange("retyped", f, present(fields.after, f), new)
            for f, new in sorted(fields.retyped.items())
        ),
    )


def _share(snapshot: Snapshot, name: str) -> float:
    stats = snapshot.fields.get(name)
    return stats.present / snapshot.examples if stats and snapshot.examples else 0.0


def _main_type(stats: FieldStats) -> str | None:
    """The JSON type of nearly all values; whole numbers are numbers."""
    counts: dict[str, int] = {}
    for kind, count in stats.types.items():
        name = "number" if kind == "integer" else kind
        counts[name] = counts.get(name, 0) + count
    best = max(sorted(counts), key=lambda kind: counts[kind], default=None)
    return best if best and counts[best] >= NEARLY_ALL * stats.present else None
