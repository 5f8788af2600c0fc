"""Which states of a history are versions already, and the files of a state, for a while."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from dslineage.adoption.state import PlainFile, State
from dslineage.errors import BadDataError, IntegrityError, NotFoundError, UsageError
from dslineage.records import POINTER_SUFFIX, Pointer
from dslineage.room import needing
from dslineage.store.files import resource_errors
from dslineage.store.staging import staging
from dslineage.versions.catalog import joined
from dslineage.versions.current import current_version
from dslineage.versions.filenames import is_data
from dslineage.versions.ledger import Ledger
from dslineage.versions.worktree import DataFiles, data_files, hash_file

if TYPE_CHECKING:
    from dslineage.records import DatasetRecord
    from dslineage.store.store import Store
    from dslineage.versions.catalog import Catalog

OPERATION = "adopt"
"""What the step of an adopted version is called."""


@dataclass(frozen=True)
class Past:
    """The states of one data set, oldest first; `files` says what it is called, and where it is."""

    catalog: Catalog
    store: Store
    files: DataFiles
    states: tuple[State, ...]

    @cached_property
    def adopted(self) -> dict[tuple[str, str], DatasetRecord]:
        """The versions that had been adopted, by the places of their states."""
        ledger = Ledger(self.catalog)
        return {
            (step.code.commit or "" if step.code else "", str(step.parameters["path"])): version
            for version in self.catalog.versions(self.files.name)
            for step in [ledger.step_of(version)]
            if step is not None and step.operation == OPERATION and "path" in step.parameters
        }

    def done(self) -> tuple[int, DatasetRecord | None]:
        """How many states were done before, and the version of the last of them.

        Raises:
            UsageError: the data set has versions, and none is of the history.
        """
        for number in range(len(self.states), 0, -1):
            state = self.states[number - 1]
            version = self.adopted.get(state.place) or self._recorded(state)
            if version is not None:
                return number, version
        current = current_version(self.catalog.git, self.files)
        if current is None:
            return 0, None
        if current not in self.adopted.values() and self._is(self.states[-1], current):
            return len(self.states), current
        raise UsageError(
            f"{self.files.name} has versions already, and none of them is a state of the history; "
            "versions cannot be put before others",
            kind="has-versions",
            hint=self.anew,
        )

    def left_out(self, done: int) -> int:
        """How many of the states that are older than the last one done never became a version."""
        git = self.catalog.git
        return sum(
            not git.holds(state.commit, state.path + POINTER_SUFFIX)
            for state in self.states[: max(0, done - 1)]
            if state.commit and not self.adopted
        )

    @property
    def anew(self) -> str:
        """The commands by which a data set begins again with its whole history."""
        path = joined(self.files.folder, self.files.names[0])
        return (
            f"git rm -f {shlex.quote(self.files.pointer)}; "
            f"dslineage adopt {shlex.quote(path)} --as ANOTHER"
        )

    @contextmanager
    def unpacked(self, state: State) -> Iterator[DataFiles]:
        """The files of a state, in a folder of their own; the last of several where it stands."""
        git = self.catalog.git
        if state is self.states[-1] and isinstance(state.content, PlainFile):
            yield data_files(git.root, [state.path], self.files.name)
            return
        present = PurePosixPath(joined(self.files.folder, self.files.names[0]))
        then = PurePosixPath(state.path)
        alike = then.suffixes == present.suffixes or not is_data(then.name)
        path = present if alike else present.with_name(then.name)
        with staging(self.store) as staged:
            root = staged.temporary_folder / "past"
            size = state.content.size(git)
            with needing(self.store.root, size), resource_errors(root):
                (root / path).parent.mkdir(parents=True)
                state.content.unpack(git, root / path)
            files = data_files(root, [str(path)], self.files.name)
            yield replace(files, pointer=self.files.pointer, past=str(root))

    def _recorded(self, state: State) -> DatasetRecord | None:
        """The version of a state whose commit brought a pointer to it."""
        path = state.path + POINTER_SUFFIX
        data = self.catalog.git.read(state.commit, path) if state.commit else None
        if data is None:
            return None
        try:
            pointer = Pointer.from_bytes(data, path)
            version = self.catalog.record(pointer.id, self.files.name)
        except (IntegrityError, NotFoundError):
            return None
        return version if self._is(state, version) else None

    def _is(self, state: State, version: DatasetRecord) -> bool:
        """Whether the files of a state have the bytes of a version."""
        try:
            with self.unpacked(state) as files:
                root = Path(files.past or self.catalog.git.root) / files.folder
                names: Sequence[str] = sorted(files.names, key=str.encode)
                return [hash_file(root / name) for name in names] == [
                    entry.sha256 for entry in version.files
                ]
        except (NotFoundError, IntegrityError, BadDataError):
            return False
