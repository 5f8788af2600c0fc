"""A repository in a test: files in, versions out."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from dslineage.records import Pointer
from dslineage.repository import Repository
from dslineage.results import VersionInfo
from dslineage.versions.options import ReadOptions
from dslineage.versions.restoring import restored


@contextmanager
def ada() -> Iterator[pytest.MonkeyPatch]:
    """Git knows who commits, as in each test: for fixtures of a whole module or session."""
    with pytest.MonkeyPatch.context() as patch:
        for role in ("AUTHOR", "COMMITTER"):
            patch.setenv(f"GIT_{role}_NAME", "Ada Curator")
            patch.setenv(f"GIT_{role}_EMAIL", "ada@example.org")
        yield patch


@dataclass(frozen=True)
class Bench:
    """A fresh repository with a pinned clock."""

    root: Path

    @classmethod
    def make(cls, root: Path) -> Bench:
        subprocess.run(["git", "init", "-q", "-b", "main", root], check=True)
        Repository.init(root)
        return cls(root)

    def copy(self, root: Path) -> Bench:
        """The same repository elsewhere, its links and times kept, so that git trusts its index."""
        subprocess.run(["cp", "-a", self.root, root], check=True)
        return Bench(root)

    @property
    def repo(self) -> Repository:
        return Repository.open(self.root, clock=lambda: datetime(2026, 1, 2, tzinfo=UTC))

    @property
    def objects(self) -> Path:
        return self.root / ".git" / "dslineage"

    def put(self, name: str, data: bytes) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path

    def add(self, name: str, data: bytes | None = None, **options: Any) -> VersionInfo:
        if data is not None:
            self.put(name, data)
        return self.repo.add([self.root / name], options=ReadOptions(**options)).version

    def commit(self, name: str, data: bytes | None = None, **options: Any) -> VersionInfo:
        info = self.add(name, data, **options)
        self.git("commit", "-q", "-m", "data")
        return info

    def restored(self, info: VersionInfo) -> bytes:
        entry = info.record.files[0]
        return b"".join(restored(self.repo.store, entry))

    @staticmethod
    def reading(**options: Any) -> ReadOptions:
        return ReadOptions(**options)

    def pointer(self, name: str) -> Pointer:
        path = self.root / f"{name}.dsl.json"
        return Pointer.from_bytes(path.read_bytes(), path.name)

    def labels(self, dataset: str) -> list[str]:
        return [info.record.label for info in reversed(self.repo.log(dataset).versions)]

    def problems(self) -> list[str]:
        """What `verify` finds, by name."""
        return [problem.name for problem in self.repo.verify().problems]

    def git(self, *arguments: str) -> str:
        return self.raw_git(*arguments).decode()

    def raw_git(self, *arguments: str) -> bytes:
        done = subprocess.run(["git", *arguments], cwd=self.root, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def merge_conflict(self, branch: str) -> None:
        """Merge a branch that changed the same data set."""
        done = subprocess.run(
            ["git", "merge", "-q", branch], cwd=self.root, capture_output=True, check=False
        )
        assert done.returncode == 1, done.stdout + done.stderr

    def listing(self, *, without: str = "cache") -> dict[str, tuple[int, int, int, bytes]]:
        """Every file of the work tree and of git: inode, mode, time and bytes; and every folder.

        Folders named `without` are passed over.
        """
        found = {}
        for folder, folders, files in os.walk(self.root):
            folders[:] = [name for name in folders if name != without]
            for name in [*folders, *files]:
                path = Path(folder) / name
                status = path.lstat()
                time = 0 if path.is_dir() else status.st_mtime_ns
                data = path.read_bytes() if path.is_file() else b""
                found[str(path.relative_to(self.root))] = (
                    status.st_ino,
                    status.st_mode,
                    time,
                    data,
                )
        return found

    def files(self) -> set[str]:
        """Every file below the objects and records, empty folders aside."""
        roots = (self.objects, self.root / ".dslineage")
        return {
            str(path.relative_to(self.root))
            for root in roots
            for path in root.rglob("*")
            if path.is_file()
        }
