"""What a step begins with: versions whose files are as recorded, other nodes, and plain files."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dslineage.errors import UsageError
from dslineage.lineage.codestate import named_file
from dslineage.lineage.registry import Registry
from dslineage.records import DatasetRecord, MixtureRecord, NamedFile, Record
from dslineage.verbs.adding import add, record
from dslineage.versions.catalog import relative_to
from dslineage.versions.filenames import is_data
from dslineage.versions.recording import pointer_files
from dslineage.versions.worktree import HashCache, state_of

if TYPE_CHECKING:
    from dslineage.versions.catalog import PointerFile
    from dslineage.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a step begins with; `names` are what each record was called, in the same order."""

    names: tuple[str, ...]
    records: tuple[Record, ...]
    files: tuple[NamedFile, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the records."""
        return tuple(one.id for one in self.records)

    def versions(self, registry: Registry) -> list[DatasetRecord]:
        """The versions among them, and those that a mixture among them is made of, each once."""
        found = {one.id: one for node in self.records for one in _versions(node, registry)}
        return list(found.values())


@dataclass(frozen=True, slots=True)
class InputFinder:
    """Finds what people name as inputs.

    With `add`, data files with changes that are in no version are recorded; else they are refused.
    """

    work: Workspace
    add: bool = False
    measure: bool = True

    def find(self, texts: Sequence[str]) -> Inputs:
        """The inputs that references and paths name.

        Raises:
            NotFoundError: a reference is unknown or ambiguous.
            UsageError: a file has changes that are in no version, or is not there.
        """
        records: dict[str, tuple[str, Record]] = {}
        files: dict[str, NamedFile] = {}
        for text in texts:
            found = self._one(text)
            if isinstance(found, NamedFile):
                files[found.path] = found
            else:
                records.setdefault(found.id, (text, found))
        return Inputs(
            tuple(text for text, _ in records.values()),
            tuple(found for _, found in records.values()),
            tuple(files[path] for path in sorted(files)),
        )

    def _one(self, text: str) -> Record | NamedFile:
        work = self.work
        path = work.here / text
        if os.path.lexists(path):
            inside = relative_to(work.root, path)
            file = work.catalog.pointer_at(inside)
            if file is not None:
                return self._current(file)
            if path.is_file() and not is_data(path.name):
                return named_file(work.git, work.root / inside)
            if not self.add:
                raise UsageError(
                    f"{text} is in no version, so no step can say that it began with it",
                    kind="not-recorded",
                    hint=f"dslineage add {shlex.quote(text)}, or run the step with --add",
                )
            return add(work, [path], None, "", None, measure=self.measure).version.record
        found = Registry(work.catalog).find(text, here=work.here)
        for file in work.catalog.pointers():
            if file.pointer.id == found.id:
                return self._current(file)
        return found

    def _current(self, file: PointerFile) -> DatasetRecord:
        """The version that a pointer names, its files being as recorded."""
        work = self.work
        cache = HashCache.load(work.git.common_dir / "dslineage" / "cache" / "files.json")
        paths = " ".join(map(shlex.quote, file.data_paths()))
        state = state_of(work.root, file, cache)
        if state == "missing":
            raise UsageError(
                f"{paths} is not there, so no step can begin with it",
                kind="missing-file",
                hint=f"dslineage checkout {file.pointer.dataset}@latest",
            )
        if state == "modified" and not self.add:
            raise UsageError(
                f"{paths} has changes that are in no version; nothing was run",
                kind="unsaved-changes",
                hint=f"dslineage add {paths}, or run the step with --add",
            )
        if state == "modified":
            files = pointer_files(work.root, file)
            return record(work, files, "", None, None, measure=self.measure).version.record
        return work.catalog.record(file.pointer.id, file.pointer.dataset)


def _versions(node: Record, registry: Registry) -> Iterator[DatasetRecord]:
    if isinstance(node, DatasetRecord):
        yield node
    elif isinstance(node, MixtureRecord):
        for component in node.components:
            yield from _versions(registry.get(component.subject), registry)
