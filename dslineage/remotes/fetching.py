"""Fetching versions: their layouts first, which say what else they need."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from dslineage.errors import IntegrityError
from dslineage.records import DatasetRecord, StepRecord
from dslineage.remotes.copies import Holding
from dslineage.remotes.parallel import STALL_SECONDS, explained
from dslineage.remotes.parts import sweep_parts
from dslineage.remotes.receiving import Receiving
from dslineage.remotes.remote import Remote
from dslineage.remotes.stretches import Stretches, SuppliedStore
from dslineage.store.closure import Closure
from dslineage.store.layout import layout_name
from dslineage.store.sparse import sweep_sparse
from dslineage.store.staging import staging
from dslineage.versions.opening import open_version

if TYPE_CHECKING:
    from dslineage.progress import Report
    from dslineage.store.store import Store


Texts = Literal["whole", "used", "changed", "none"]
"""Which texts come: those of packs and whole files; of packs, only what versions have of them; what
a diff reads; none."""
Reading = Callable[["Store"], None]
"""Reads examples in a store, or tells it to expect that: what is read of texts is what comes."""


class Wanted(NamedTuple):
    """A version, and the step that made it, where there is a record of it."""

    record: DatasetRecord
    step: StepRecord | None

    @property
    def title(self) -> str:
        """`train@v4`."""
        return f"{self.record.dataset}@{self.record.label}"


@dataclass(frozen=True, slots=True)
class Lacking:
    """An object that is neither here nor whole on the remote, why, and which versions need it."""

    name: str
    why: str
    needed_by: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The object as a JSON object."""
        return {"name": self.name, "why": self.why, "needed_by": list(self.needed_by)}


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came from a remote, and what could not be had.

    `stretches` are parts of texts; `bytes` are those of objects and stretches.
    """

    objects: int
    bytes: int
    lacking: tuple[Lacking, ...]
    stretches: int = 0

    @property
    def incomplete(self) -> frozenset[str]:
        """The versions that lack something."""
        return frozenset(title for one in self.lacking for title in one.needed_by)


def fetch(
    store: Store,
    remote: Remote,
    versions: Sequence[Wanted],
    report: Report | None,
    *,
    again: str,
    others: Sequence[str] = (),
    texts: Texts = "whole",
    reading: Reading | None = None,
    stall_seconds: float = STALL_SECONDS,
) -> Fetched:
    """Get what versions need and is not here, as far as the remote has it.

    Args:
        store: where the objects go.
        remote: where they come from.
        versions: what to get.
        report: called as the work goes on.
        again: the command that goes on after a failure.
        others: names of objects that no version needs.
        texts: which texts and whole files are wanted.
        reading: where not all are, reads what is; called when the rest is here.
        stall_seconds: how long the remote may be silent.

    Raises:
        RemoteError: the remote refuses or goes away; what came before is kept.
        ResourceError: there is no room.
    """
    with staging(store) as staged:
        receiving = Receiving(store, staged, remote, report, stall_seconds)
        stretches = Stretches(receiving)
        with explained(remote.name, receiving.so_far, again):
            receiving.look(partial(Holding.of, remote))
            needed = {**receive(receiving, versions, texts=texts), **dict.fromkeys(others, ())}
            receiving.get(others)
            wanted = {name for name in needed if not _is_left_out(name, texts)}
            readable = all((store.root / name).exists() for name in wanted.difference(others))
            if reading is not None and readable:
                _read(reading, SuppliedStore(store, stretches))
    sweep_parts(store)
    sweep_sparse(store.root)
    lacking = (
        Lacking(
            name,
            receiving.damaged.get(name, f"{remote.name} does not have it"),
            tuple(needed.get(name, ())),
        )
        for name in sorted(wanted | stretches.lacking)
        if not (store.root / name).exists()
    )
    return Fetched(receiving.objects, receiving.bytes, tuple(lacking), receiving.stretches)


def _read(reading: Reading, store: SuppliedStore) -> None:
    """Read examples, as far as their texts can be had."""
    try:
        reading(store)
    except IntegrityError as error:
        if error.kind != "missing-object" or not store.lacking:
            raise


def receive(
    receiving: Receiving,
    versions: Sequence[Wanted],
    *,
    texts: Texts = "whole",
    whole: bool = False,
) -> dict[str, Sequence[str]]:
    """Get what versions need; all that they need, with the versions that need each object.

    Args:
        receiving: knows what the source has.
        versions: what to get.
        texts: which texts and whole files are got.
        whole: let a layout in only where all that its version needs is here.

    Raises:
        RemoteError: the source refuses or goes away; what came before is kept.
        ResourceError: there is no room.
    """
    layouts = [name for version in versions for name in layouts_of(version)]
    receiving.get(layouts, kept_back=True)
    receiving.get([name for version in versions for name in _columns(receiving, version)])
    closure = Closure(receiving.staged, receiving.known())
    needed: dict[str, list[str]] = defaultdict(list)
    complete: dict[str, set[str]] = {}
    for version in versions:
        names = _needed(receiving, closure, version)
        complete[version.record.id] = names if whole else set()
        for name in sorted(names):
            needed[name].append(version.title)
    receiving.get(
        [name for name in needed if name not in layouts and not _is_left_out(name, texts)]
    )
    for version in versions:
        if all(map(receiving.has, complete[version.record.id])):
            _let_in(receiving, version)
    # A layout that waits for other objects is not what is lacking.
    waiting = {name for name in layouts if receiving.waits(name)} - receiving.damaged.keys()
    return {name: by for name, by in needed.items() if name not in waiting}


def _let_in(receiving: Receiving, version: Wanted) -> None:
    """Move the layouts of a version into place, if its rows are those that were recorded.

    A layout is named by its file, and the digests of rows by nothing: only together they can be
    checked. Where a column is lacking, they cannot be, and the next fetch brings them again.
    """
    new = [name for name in layouts_of(version) if receiving.waits(name)]
    if not new or not all(map(receiving.has, _columns(receiving, version))):
        return
    record = version.record
    try:
        found = open_version(receiving.staged, record, trusting=False)
        right = found.examples == record.examples and (  # a few bytes can name any number of rows
            (found.content_hash, found.order_hash) == (record.content_hash, record.order_hash)
        )
        why = "" if right else f"its rows are not those of {version.title}"
    except IntegrityError as error:
        why = error.message
    except (LookupError, ValueError) as error:
        why = f"damaged object {new[0]}: {error}"
    for name in new:
        if why:
            receiving.damaged[name] = why
        else:
            receiving.place(name)


def layouts_of(version: Wanted) -> list[str]:
    """The layouts of a version's files."""
    return [f"layouts/{layout_name(entry.sha256, entry.reader)}" for entry in version.record.files]


def _columns(receiving: Receiving, version: Wanted) -> list[str]:
    """The columns of the packs of a version, as far as its layouts can be read."""
    packs = {
        pack
        for name in layouts_of(version)
        if receiving.has(name)
        for pack in receiving.staged.layout(name.partition("/")[2]).packs
    }
    return [f"packs/{pack.hex}.rows" for pack in sorted(packs)]


def _needed(receiving: Receiving, closure: Closure, version: Wanted) -> set[str]:
    """What a version needs; where layouts or columns are nowhere, those, as nothing says more."""
    known = {*layouts_of(version), *_columns(receiving, version)}
    if all(map(receiving.has, known)):
        return closure.of_version(version.record, version.step)
    return known


def _is_left_out(name: str, texts: Texts) -> bool:
    """Whether an object is text, or a file kept whole, and comes only where it is read."""
    if name.startswith("blobs/"):
        return texts in ("changed", "none")
    return name.endswith(".zst") and texts != "whole"
