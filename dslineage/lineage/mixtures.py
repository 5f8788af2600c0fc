"""Mixtures: from the file that a team reviews to a record that names versions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dslineage.errors import DslineageError, IntegrityError, NotFoundError, UsageError
from dslineage.lineage.mixturefile import SEEDS, MixtureFile, read_mixture_file
from dslineage.lineage.mixtureplan import Plan, plan
from dslineage.lineage.node import node_of
from dslineage.records import Component, DatasetRecord, MixtureRecord
from dslineage.versions.catalog import relative_to

if TYPE_CHECKING:
    from dslineage.lineage.registry import Registry
    from dslineage.store.store import Store
    from dslineage.versions.recording import Stamp


@dataclass(frozen=True, slots=True)
class Mixture:
    """A mixture with the versions that it names.

    `refs` are what the file calls them, where there is a file; `versions` are in the same order as
    the components of the record. `recorded` says whether the record is in the work tree.
    """

    record: MixtureRecord
    versions: tuple[DatasetRecord, ...]
    refs: tuple[str, ...]
    recorded: bool = False

    @property
    def title(self) -> str:
        """What it is called: by its record, or by its file."""
        return node_of(self.record).title if self.recorded else self.record.file

    def plan(self, examples: int | None = None) -> Plan:
        """How many examples of each component there are; see `mixtureplan.plan`."""
        return plan(self.record.components, examples)

    @property
    def pinned(self) -> tuple[tuple[str, str], ...]:
        """References that may name another version tomorrow, and the versions they name now."""
        return tuple(
            (ref, node_of(version).title)
            for ref, version in zip(self.refs, self.versions, strict=True)
            if ref != f"{version.dataset}@{version.label}" and version.digits[:8] not in ref
        )


@dataclass(frozen=True, slots=True)
class MixtureAdded:
    """A mixture that was recorded, or that was there just so already."""

    mixture: Mixture
    unchanged: bool

    def to_dict(self) -> dict[str, Any]:
        """The JSON document `dslineage.mixture-added/1`."""
        mixture = self.mixture
        return {
            "schema": "dslineage.mixture-added/1",
            "unchanged": self.unchanged,
            "path": mixture.record.path,
            **described(mixture),
            "pinned": [{"ref": ref, "version": title} for ref, title in mixture.pinned],
            "mixture": mixture.record.to_dict(),
        }


@dataclass(frozen=True, slots=True)
class MixtureShown:
    """A mixture as it is looked at."""

    mixture: Mixture

    def to_dict(self) -> dict[str, Any]:
        """The JSON document `dslineage.mixture-shown/1`."""
        return {
            "schema": "dslineage.mixture-shown/1",
            **described(self.mixture),
        }


def described(mixture: Mixture) -> dict[str, Any]:
    """What a mixture comes to: the examples of each component."""
    drawn, record = mixture.plan(), mixture.record
    return {
        "name": record.name,
        "id": record.id if mixture.recorded else None,
        "file": record.file,
        "seed": record.seed,
        "examples": drawn.total,
        "components": [
            {
                "version": node_of(version).ref,
                "id": version.id,
                "of": version.examples,
                "weight": record.components[place].weight,
                "cap": record.components[place].cap,
                "repeats": record.components[place].repeats,
                "examples": drawn.drawn[place],
                "share": drawn.share(place),
            }
            for place, version in enumerate(mixture.versions)
        ],
    }


def add_mixture(registry: Registry, store: Store, mixture: Mixture) -> MixtureAdded:
    """Record a mixture; nothing new is recorded where it is there just so.

    Raises:
        UsageError: no example can be drawn by its weights.
    """
    mixture.plan()
    if mixture.recorded:
        return MixtureAdded(mixture, unchanged=True)
    registry.keep([mixture.record], store)
    return MixtureAdded(replace(mixture, recorded=True), unchanged=False)


def _recorded(registry: Registry, record: MixtureRecord) -> MixtureRecord | None:
    """The newest record that says just what another does, but for who, when and why."""
    for known in reversed(registry.named(MixtureRecord, record.name)):
        same = replace(
            record,
            message=record.message or known.message,
            author=known.author,
            created_at=known.created_at,
            tool=known.tool,
        )
        if same.id == known.id:
            return known
    return None


def mixture_of_file(registry: Registry, path: Path, here: Path, stamp: Stamp) -> Mixture:
    """The mixture that a file describes, each reference resolved to the version it names now.

    Args:
        registry: the records.
        path: the file, relative to `here` or absolute.
        here: the folder that relative paths start from.
        stamp: who says so, and when.

    Raises:
        NotFoundError: the file is not there.
        UsageError: it is no mixture, or names what is no version, with the line.
    """
    place = here / path
    inside = relative_to(registry.catalog.git.root, place)
    said = read_mixture_file(place, str(path))
    versions = tuple(_version(registry, said, number, here) for number in range(len(said.entries)))
    for number, version in enumerate(versions):
        if version.id in [other.id for other in versions[:number]]:
            raise said.wrong(said.entries[number], f"{node_of(version).title} is there twice")
    components = tuple(
        Component(version.id, version.examples, entry.weight, entry.cap, entry.repeats)
        for entry, version in zip(said.entries, versions, strict=True)
    )
    record = MixtureRecord(
        name=said.name,
        components=components,
        seed=said.seed,
        file=inside,
        sha256=said.sha256,
        message=said.message or stamp.message,
        author=stamp.author,
        created_at=stamp.created_at,
        tool=stamp.tool,
    )
    known = _recorded(registry, record)
    refs = tuple(entry.ref for entry in said.entries)
    return Mixture(known or record, versions, refs, recorded=known is not None)


def mixture_of_record(registry: Registry, record: MixtureRecord) -> Mixture:
    """A recorded mixture with its versions.

    Raises:
        NotFoundError: the record of a version is not in this work tree.
        IntegrityError: it says of a version what is not so.
    """
    found = [registry.get(component.subject) for component in record.components]
    versions = tuple(one for one in found if isinstance(one, DatasetRecord))
    sizes = [component.examples for component in record.components]
    if sizes != [version.examples for version in versions] or record.seed not in SEEDS:
        raise IntegrityError(
            f"{record.path} says of its versions or its seed what cannot be",
            kind="damaged-record",
            hint="dslineage verify",
        )
    refs = tuple(f"{one.dataset}@{one.label}" for one in versions)
    return Mixture(record, versions, refs, recorded=True)


def find_mixture(registry: Registry, text: str, here: Path, stamp: Stamp) -> Mixture:
    """The mixture that a file or a reference names.

    Raises:
        NotFoundError: there is none.
        UsageError: it is something else.
    """
    if text.endswith(".toml") or (here / text).is_file():
        return mixture_of_file(registry, Path(text), here, stamp)
    record = registry.find(text, here=here)
    if not isinstance(record, MixtureRecord):
        raise UsageError(
            f"{text!r} is {node_of(record).title}, no mixture",
            kind="no-mixture",
            hint="dslineage mixture show mixture:NAME",
        )
    return mixture_of_record(registry, record)


def newest_recorded(registry: Registry, name: str) -> Mixture:
    """The mixture of a name that was recorded last.

    Raises:
        NotFoundError: none was.
    """
    known = registry.named(MixtureRecord, name)
    if not known:
        raise NotFoundError(
            f"no mixture {name!r} is recorded", kind="no-mixture", hint="dslineage mixture add FILE"
        )
    return mixture_of_record(registry, known[-1])


def _version(registry: Registry, said: MixtureFile, number: int, here: Path) -> DatasetRecord:
    entry = said.entries[number]
    try:
        found = registry.find(entry.ref, here=here)
    except DslineageError as error:
        raise said.wrong(entry, error.message, error.hint) from error
    if not isinstance(found, DatasetRecord):
        raise said.wrong(entry, f"{entry.ref!r} is {node_of(found).title}, no version")
    if not found.examples:
        raise said.wrong(entry, f"{node_of(found).title} has no examples")
    return found
