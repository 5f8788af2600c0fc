"""What nothing needs any more, and what it would be worth to pack anew. Nothing is written here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dslineage.errors import IntegrityError, UsageError
from dslineage.ids import Digest
from dslineage.store.closure import Closure
from dslineage.store.inventory import Entry, Inventory
from dslineage.store.marking import Marks
from dslineage.store.repacking import Group
from dslineage.store.store import Store
from dslineage.versions.roots import Names

GRACE_DAYS = 14.0
DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Survey:
    """A folder of objects, and what of it nothing needs.

    `layouts` are those that are kept: of versions, and young ones of none. `dead` is what can go;
    `young` what no version needs either, but was written too short a time ago, or what that needs.
    """

    inventory: Inventory
    marks: Marks
    layouts: list[str]
    dead: Mapping[str, Entry]
    young: Mapping[str, Entry]


@dataclass(frozen=True, slots=True)
class Repacked:
    """Packs that are written anew: how many, into how many, and which rows are left behind.

    `bytes` is about what the rows left behind take. `into` is None where that was not done.
    """

    packs: int
    rows: int
    dropped: int
    bytes: int
    into: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """The same as a JSON object."""
        return {
            "packs": self.packs,
            "into": self.into,
            "rows": self.rows,
            "dropped_rows": self.dropped,
            "dropped_bytes": self.bytes,
        }


@dataclass(frozen=True, slots=True)
class GarbageResult:
    """What garbage there is, or was. Each object is a name and a number of bytes.

    `deleted` says whether anything was done; `superseded` are packs that were written anew and stay
    for the grace time, since readers may have them open.
    """

    deleted: bool
    grace_days: float
    kept: int
    kept_bytes: int
    dead: Mapping[str, int]
    young: Mapping[str, int]
    repacked: Repacked | None = None
    superseded: Mapping[str, int] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The JSON document `dslineage.gc/1`."""
        return {
            "schema": "dslineage.gc/1",
            "deleted": self.deleted,
            "grace_days": self.grace_days,
            "kept": {"objects": self.kept, "bytes": self.kept_bytes},
            "dead": _listed(self.dead),
            "young": _listed(self.young),
            "repacked": self.repacked.to_dict() if self.repacked else None,
            "superseded": _listed(self.superseded),
        }


def survey(store: Store, names: Names, before: float) -> Survey:
    """Say what nothing needs.

    Args:
        store: the objects, opened anew.
        names: what git and the work trees name.
        before: what was written later (seconds since 1970) is kept, with all that it needs.

    Raises:
        IntegrityError: a layout or pack that is needed is damaged.
    """
    inventory = Inventory.of(store)
    named = [name for name in inventory.layouts if name.partition(".")[0] in names.hashes]
    recent = [name for name in inventory.layouts if _time(inventory, name) > before]
    marks = Marks(closure := Closure(store, inventory))
    marks.add(named)
    needed = marks.objects | {f"{kind}/{one}" for one in names.hashes for kind in BY_CONTENT}
    unneeded = {name: one for name, one in inventory.objects.items() if name not in needed}
    marks.add(name for name in recent if f"layouts/{name}" in unneeded)
    spared = marks.objects | _behind_young_packs(closure, unneeded, before)
    dead = {
        name: one for name, one in unneeded.items() if one.time <= before and name not in spared
    }
    dead |= {name: one for name, one in inventory.temporary.items() if one.time <= before - DAY}
    young = {name: one for name, one in unneeded.items() if name not in dead}
    return Survey(inventory, marks, sorted({*named, *recent}), dead, young)


BY_CONTENT = ("blobs", "media", "links", "keys")


def _time(inventory: Inventory, layout: str) -> float:
    return inventory.objects[f"layouts/{layout}"].time


def planned(groups: Sequence[Group], found: Survey) -> Repacked:
    """What packing anew comes to, as far as it is known before."""
    size = 0
    for group in groups:
        for pack, rows in zip(group.packs, group.rows, strict=True):
            text = found.inventory.objects[f"packs/{pack.name.hex}.zst"].size
            size += text * (pack.rows - len(rows)) // pack.rows
    packs = sum(len(group.packs) for group in groups)
    kept = sum(group.kept for group in groups)
    return Repacked(packs, kept, sum(group.dropped for group in groups), size)


def _behind_young_packs(closure: Closure, unneeded: Iterable[str], before: float) -> set[str]:
    """What packs need that no layout names yet: the next version may be laid out over them."""
    names = [Digest(bytes.fromhex(name[6:70])) for name in unneeded if name.endswith(".rows")]
    objects = closure.inventory.objects
    young = (name for name in names if objects[f"packs/{name.hex}.rows"].time > before)
    return {object_ for name in young for object_ in closure.of_pack(name)}


def refuse_lost(names: Names) -> None:
    """Refuse to delete anything where a run, model, step or mixture names a version without record.

    Raises:
        IntegrityError: one does.
    """
    for id_, path in sorted(names.lost.items()):
        raise IntegrityError(
            f"{path} was made of dataset:sha256:{id_}, whose record is in no branch, stash or work "
            "tree: nobody knows which objects an audit of it would need, and nothing was deleted",
            kind="missing-record",
            hint="bring the record back (git fetch; git fsck --lost-found); or: --accept-lost",
        )


def refuse_everything(found: Survey, store: Store) -> None:
    """Refuse to delete all that there is.

    Raises:
        UsageError: no version needs any object.
    """
    if found.dead and not found.inventory.objects.keys() - found.dead.keys() - found.young.keys():
        raise UsageError(
            f"every object in {store.root} would be deleted: no branch, stash or work tree names a "
            "version of them",
            kind="nothing-kept",
            hint=f"if that is meant: rm -r {store.root}",
        )


def _listed(objects: Mapping[str, int]) -> dict[str, Any]:
    return {
        "count": len(objects),
        "bytes": sum(objects.values()),
        "objects": [{"name": name, "bytes": size} for name, size in sorted(objects.items())],
    }
