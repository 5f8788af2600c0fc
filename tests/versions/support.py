"""A repository in a test: files in, versions out."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dslineage.repository import Repository
from dslineage.results import VersionInfo
from dslineage.versions.options import ReadOptions
from dslineage.versions.restoring import restored


@dataclass(frozen=True)
class Bench:
    """A fresh repository with a pinned clock."""

    root: Path

    @classmethod
    def make(cls, root: Path) -> Bench:
        Repository.init(root)
        return cls(root)

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

    def git(self, *arguments: str) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=self.root, check=True, capture_output=True, text=True
        )
        return done.stdout

    def files(self) -> set[str]:
        """Every file below the objects and records, empty folders aside."""
        roots = (self.objects, self.root / ".dslineage")
        return {
            str(path.relative_to(self.root))
            for root in roots
            for path in root.rglob("*")
            if path.is_file()
        }
