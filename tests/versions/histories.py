"""Histories in git, as people make them before they know dslineage."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dslineage.adoption.result import AdoptResult
from tests.versions.support import Bench


def lines(*answers: str) -> bytes:
    """A small file of examples, the same questions with other answers."""
    rows = [f'{{"prompt":"question {n}","completion":"{a}"}}\n' for n, a in enumerate(answers)]
    return "".join(rows).encode()


@dataclass(frozen=True)
class History:
    """A git repository in which dslineage was not used yet."""

    bench: Bench

    @classmethod
    def make(cls, root: Path) -> History:
        subprocess.run(["git", "init", "-q", "-b", "main", root], check=True)
        return cls(Bench(root))

    @property
    def root(self) -> Path:
        return self.bench.root

    def commit(
        self,
        message: str,
        files: dict[str, bytes],
        *,
        author: str = "Ada <ada@x.org>",
        day: int = 1,
    ) -> str:
        """Commit some files; the commit's id."""
        for name, data in files.items():
            self.bench.put(name, data)
        self.bench.git("add", "-A")
        return self.end(message, author, day)

    def end(self, message: str, author: str = "Ada <ada@x.org>", day: int = 1) -> str:
        """Commit what is staged."""
        date = f"2023-01-{day:02}T12:00:00+02:00"
        self.bench.git("commit", "-qm", message, f"--author={author}", f"--date={date}")
        return self.bench.git("rev-parse", "HEAD").strip()

    def adopt(
        self,
        *paths: str,
        name: str | None = None,
        measure: bool = False,
        skip_missing: bool = False,
    ) -> AdoptResult:
        files: Sequence[Path] = [self.root / path for path in paths]
        return self.bench.repo.adopt(files, name=name, measure=measure, skip_missing=skip_missing)

    def messages(self, dataset: str) -> list[str]:
        """The messages of the versions, oldest first."""
        versions = self.bench.repo.log(dataset).versions
        return [info.record.message for info in reversed(versions)]

    def is_chain(self, dataset: str) -> bool:
        """Whether each version has the one before as its only parent."""
        records = [info.record for info in reversed(self.bench.repo.log(dataset).versions)]
        before = [(), *((record.id,) for record in records[:-1])]
        return [record.parents for record in records] == before
