"""Undoing a merge that was killed while it wrote: every file is kept until the version is there."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import orjson

from dslineage.errors import IntegrityError
from dslineage.members import text, texts
from dslineage.records import safe_path
from dslineage.store.files import replacing, resource_errors, write_file
from dslineage.store.staging import copy_file
from dslineage.versions.git import Git


@dataclass(frozen=True, slots=True)
class Begun:
    """A merge that is about to write.

    `step` is the id of the step that it will record, by which one that came to its end is known;
    `paths` are the files that it writes, relative to the repository.
    """

    dataset: str
    step: str
    conflict_file: str
    paths: tuple[str, ...]


@dataclass(frozen=True)
class Undo:
    """Copies of the files that a merge writes, in git's own folder, and a note of where they go."""

    git: Git

    def keep(self, begun: Begun) -> None:
        """Copy the files as they are; one that is not there is none after `back`.

        Raises:
            ResourceError: no space or no permission; no copy is left.
        """
        try:
            with resource_errors(self._folder):
                shutil.rmtree(self._folder, ignore_errors=True)
                self._folder.mkdir(parents=True)
                for number, path in enumerate(begun.paths):
                    if (self.git.root / path).exists():
                        copy_file(self.git.root / path, self._folder / str(number), durable=True)
            write_file(self._note, orjson.dumps(begun))
        except BaseException:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise

    def begun(self) -> Begun | None:
        """The merge that was cut short, if one was.

        Raises:
            IntegrityError: the note of it is damaged.
        """
        if not self._note.exists():
            return None
        try:
            said = orjson.loads(self._note.read_bytes())
            dataset, step = (text(said, name) for name in ("dataset", "step"))
            conflict_file, *paths = map(
                safe_path, (text(said, "conflict_file"), *texts(said, "paths"))
            )
            return Begun(dataset, step, conflict_file, tuple(paths))
        except (IntegrityError, AttributeError, KeyError, TypeError, ValueError) as error:
            raise IntegrityError(
                f"{self._note} is damaged: a merge that was cut short cannot be undone",
                kind="damaged-note",
                hint=f"git status; the files as they were are in {self._folder}",
            ) from error

    def back(self, begun: Begun) -> None:
        """Put every file back."""
        for number, path in enumerate(begun.paths):
            target, copy = self.git.root / path, self._folder / str(number)
            with resource_errors(target):
                if not copy.exists():
                    target.unlink(missing_ok=True)
                    continue
                with copy.open("rb") as reading, replacing(target) as writing:
                    shutil.copyfileobj(reading, writing, 1 << 20)

    def forget(self) -> None:
        """Remove the note, and then the copies."""
        self._note.unlink(missing_ok=True)
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def _folder(self) -> Path:
        return self.git.own_dir / "dslineage" / "merge-undo"

    @property
    def _note(self) -> Path:
        return self.git.own_dir / "dslineage" / "merge-undo.json"
