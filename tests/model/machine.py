"""The world of a history, and how anything is done in it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import event
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine

from dslineage.errors import UsageError
from tests.crashes.faults import killed_at
from tests.model.naive import LINES, Common, Made, Tree, content_hash, examples

if TYPE_CHECKING:
    import pytest

    from dslineage.records import DatasetRecord, FileEntry
    from dslineage.repository import Repository
    from tests.versions.support import Bench

PLACES = ("train.jsonl", "moved.jsonl")
FILES = st.lists(st.sampled_from(LINES), min_size=1, max_size=14)
SITES = st.sampled_from(["main", "side", "clone"])
CRASH = st.one_of(st.just(0), st.integers(1, 150))
"""At which of its effects a command is killed before it is run again; 0: at none."""


@dataclass
class Site:
    """A work tree: its branch, what its index has, and its data file. A repository stays open."""

    bench: Bench
    common: Common
    branch: str
    tree: Tree
    data: bytes | None
    repo: Repository

    @property
    def head(self) -> Tree:
        return self.common.branches[self.branch]

    @property
    def file(self) -> Path:
        return self.bench.root / self.tree.path


class Machine(RuleBasedStateMachine):
    """Work trees by name, `here` being the one where something was done last.

    `versions` are all that were ever recorded, by id, and `entries` what records say of their
    files; `remote` are the files that were pushed to `storage`, and `remote_key` says whether the
    key of the deny list was.
    """

    folder: tempfile.TemporaryDirectory[str]
    patch: pytest.MonkeyPatch
    names: Iterator[str]
    versions: dict[str, Made]
    entries: dict[bytes, FileEntry]
    storage: Path
    remote: set[bytes]
    remote_key: bool
    sites: dict[str, Site]
    here: Site

    def at(self, name: str) -> Site:
        """Go to a work tree, or to the first one where that is not there."""
        self.here = self.sites.get(name, self.sites["main"])
        return self.here

    def run(self, action: Callable[[], Any], crash: int) -> Any:
        """Do something; before, where it is to crash, in a process that is killed on the way."""

        def refused_or_done() -> None:
            with suppress(UsageError):
                action()

        if crash:
            event(
                "a command was killed" if killed_at(refused_or_done, crash) else "it ended before"
            )
        return action()

    def guarded(self, action: Callable[[], Any], crash: int) -> Any:
        """The same; None where it would have written over data that is in no version."""
        try:
            return self.run(action, crash)
        except UsageError as error:
            if error.kind != "unsaved-changes":
                raise
            return None

    def know(self, record: DatasetRecord, made: Made) -> None:
        """Take in a new version, and see that its record says what is so."""
        assert (record.number, record.parents) == (made.number, made.parents)
        assert record.examples == examples(made.data).total()
        assert record.unique == len(examples(made.data))
        assert str(record.content_hash) == content_hash(made.data)
        assert self.versions.setdefault(record.id, made) == made
        self.entries.setdefault(made.data, record.files[0])

    def committed(self, site: Site) -> None:
        site.common.branches[site.branch] = site.tree

    def tainted(self, site: Site) -> bool:
        """Whether the data file has an example that was forgotten, or nobody can say that."""
        return self.mute(site) or not site.common.erased.isdisjoint(examples(site.data or b""))

    def mute(self, site: Site, *others: Tree) -> bool:
        """Whether a deny list is in a work tree, or comes there, and its key is not here."""
        return not site.common.key and any(one.denied for one in (site.tree, *others))

    def sha(self, data: bytes) -> str:
        return self.entries[data].sha256.hex

    def objects(self, site: Site) -> Path:
        return site.repo.store.root
