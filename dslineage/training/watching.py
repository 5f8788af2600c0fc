"""`dslineage.watch`: the rows that a trainer is given, noted before the trainer prepares them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeVar, runtime_checkable

from dslineage.errors import IntegrityError, UsageError
from dslineage.records import Evidence, Gap, Prepared, RunInput
from dslineage.records.forgotten import DenyList
from dslineage.records.run import Role
from dslineage.training.denied import (
    GAP,
    LOOKING,
    OnForgotten,
    deny_list_for,
    forgotten_gap,
    refuse_forgotten,
)
from dslineage.training.guard import Guard
from dslineage.training.received import Received, receive

D = TypeVar("D")

_ROLES: tuple[Role, ...] = ("train", "eval", "reference")


@runtime_checkable
class CountedStream(Protocol):
    """A stream that counts what it hands out, such as `dslineage.mixture` gives."""

    @property
    def unnoted(self) -> Iterable[Mapping[str, Any]]:
        """Its examples, without counting them."""

    @property
    def subject(self) -> str | None:
        """The id of the record that describes it, where there is one."""

    @property
    def doubt(self) -> str:
        """Why not all that it has was used for certain; empty where it was."""


@dataclass(frozen=True, slots=True)
class Watched:
    """One data set that was watched; `received` is None where it could not be hashed.

    `version` is what the user calls the version that it is, to be checked when the run is imported.
    `stream` is the data set itself, where it counts what it hands out.
    """

    role: Role
    received: Received | None
    version: str | None = None
    uri: str | None = None
    split: str | None = None
    gaps: tuple[Gap, ...] = ()
    stream: CountedStream | None = None

    def as_input(self, prepared: Prepared | None = None) -> RunInput:
        """The data set as an input of a run."""
        found = self.received
        return RunInput(
            role=self.role,
            evidence=Evidence.DECLARED if found is None else Evidence.CAPTURED,
            subject=self.stream.subject if self.stream else None,
            content_hash=found.content_hash if found else None,
            training_hash=found.training_hash if found else None,
            order_hash=found.order_hash if found else None,
            adapter=found.adapter if found else None,
            examples=found.examples if found else None,
            split=self.split,
            uri=self.uri,
            prepared=prepared,
        )


@dataclass
class Notes:
    """What was watched since a training last took it."""

    pending: list[Watched] = field(default_factory=list)

    def take(self) -> tuple[Watched, ...]:
        """All that was watched, once: the next training has to be told anew."""
        taken, self.pending = tuple(self.pending), []
        return taken


NOTES = Notes()
"""Those of this process: a training library hands no notes from a data set to its callbacks."""


def watch(
    dataset: D,
    role: Role = "train",
    *,
    version: str | None = None,
    uri: str | None = None,
    split: str | None = None,
    strict: bool = False,
    forgotten: OnForgotten = "refuse",
    deny_list: Path | str | None = None,
    key: Path | str | None = None,
) -> D:
    """Note the rows of a data set, for the callback of the training that comes next.

    The rows are hashed at once, as they are, so call it on the raw data set, before a trainer
    applies templates, truncates, drops and packs. A stream is read through once more. One of
    `dslineage.mixture` says at each checkpoint what it had handed out by then.

    Args:
        dataset: a `datasets.Dataset` or `IterableDataset`, a path, or a list of mappings.
        role: what the training uses it for: `train`, `eval` or `reference`.
        version: a reference to the version that it is, such as `train@v4`. It is not needed: the
            rows are recognised by their hash. It is checked when the run is imported.
        uri: where it was read from.
        split: its source's name of the part that is used.
        strict: let errors stop the training; otherwise they are one warning, and a gap.
        forgotten: what becomes of a data set with examples that were forgotten, or where nobody can
            say so: it is refused, or (`note`) the run has a gap.
        deny_list: the file that says what was forgotten; by default the one of the work tree that
            this process runs in, and those of its branches.
        key: the file with its key, or a folder of such; by default those that the repository has.

    Returns:
        The same object.

    Raises:
        BadDataError: examples of it were forgotten.
        IntegrityError: the key of the deny list is not here.
    """
    if role not in _ROLES:
        raise UsageError(f"no role is called {role!r}", hint=f"known: {', '.join(_ROLES)}")
    received: Received | None = None
    guard = Guard(strict)
    stream = dataset if isinstance(dataset, CountedStream) else None
    denied = _denied(guard, forgotten, deny_list, key)
    with guard(f"hashing the {role} data", "unknown-data"):
        received = receive(dataset if stream is None else stream.unnoted, denied)
    if received and forgotten == "refuse":
        refuse_forgotten(received, f"the {role} data")
    told = (*received.gaps, *forgotten_gap(received, f"the {role} data")) if received else ()
    gaps = (*guard.gaps, *told)
    NOTES.pending.append(Watched(role, received, version, uri, split, gaps, stream))
    return dataset


def _denied(
    guard: Guard, forgotten: OnForgotten, listed: Path | str | None, key: Path | str | None
) -> DenyList | None:
    """What was forgotten; where that cannot be known and is only to be noted, that is a gap."""
    try:
        return deny_list_for(
            Path.cwd(), guard, Path(listed) if listed else None, Path(key) if key else None
        )
    except IntegrityError as error:
        if forgotten == "refuse" or guard.strict:
            raise
        guard.meet(error, LOOKING, GAP)
        return None
