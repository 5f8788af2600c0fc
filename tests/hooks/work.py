"""A git repository with data sets and hooks, driven by git itself."""

from __future__ import annotations

import atexit
import functools
import json
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from dslineage import Repository
from dslineage.records import DatasetRecord
from dslineage.versions.git import Git
from dslineage_hooks.installing import HooksResult, install

DATA = "data/train.jsonl"
POINTER = f"{DATA}.dsl.json"


def lines(*answers: str) -> bytes:
    """Examples as JSON lines."""
    return b"".join(
        json.dumps({"prompt": f"Question {n}?", "response": answer}).encode() + b"\n"
        for n, answer in enumerate(answers)
    )


ONE, TWO = lines("a", "b", "c"), lines("a", "b", "c", "d")


@dataclass(frozen=True)
class Ran:
    """What git did: its exit code, and all that it and its hooks said."""

    code: int
    said: str


@dataclass(frozen=True)
class Work:
    """A work tree."""

    root: Path

    @classmethod
    def make(cls, root: Path) -> Work:
        """A repository with one committed version, and no hooks yet."""
        shutil.copytree(_template(), root, symlinks=True)
        return cls(root)

    def install(self) -> HooksResult:
        """Install the hooks."""
        return install(Git(self.root))

    def git(self, *words: str, env: dict[str, str] | None = None) -> Ran:
        """Run git, which must work."""
        ran = self.tried(*words, env=env)
        assert ran.code == 0, (words, ran)
        return ran

    def tried(self, *words: str, env: dict[str, str] | None = None) -> Ran:
        """Run git, whatever comes of it."""
        done = subprocess.run(
            ["git", *words],
            cwd=self.root,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            env=environment() | (env or {}),
        )
        return Ran(done.returncode, done.stdout.decode(errors="replace"))

    def shell(self, script: str) -> str:
        """Run a script, every line of which must work; what it said."""
        done = subprocess.run(
            ["sh", "-ec", script],
            cwd=self.root,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            env=environment(),
        )
        assert done.returncode == 0, done.stdout.decode(errors="replace")
        return done.stdout.decode(errors="replace")

    def write(self, path: str, data: bytes | str) -> None:
        """Write a file of the work tree."""
        where = self.root / path
        where.parent.mkdir(parents=True, exist_ok=True)
        where.write_bytes(data.encode() if isinstance(data, str) else data)

    def add(
        self, data: bytes, path: str = DATA, *, measure: bool = False, message: str = ""
    ) -> DatasetRecord:
        """Record a version, and stage it."""
        self.write(path, data)
        added = Repository.open(self.root).add(path, measure=measure, message=message)
        return added.version.record

    def branch(self, name: str, data: bytes) -> DatasetRecord:
        """A branch with one more version on it; back on the one before, with its data."""
        self.git("checkout", "-qb", name)
        made = self.add(data)
        self.git("commit", "-qm", name)
        self.git("checkout", "-q", "-")
        self.restore()
        return made

    def restore(self) -> None:
        """Bring the data back that the pointers name."""
        Repository.open(self.root).checkout()

    def read(self, path: str = DATA) -> bytes:
        """The bytes of a file of the work tree."""
        return (self.root / path).read_bytes()

    def staged(self) -> str:
        """What is in the index, to be compared."""
        return self.git("ls-files", "-s").said

    def message(self) -> str:
        """The message of the last commit."""
        return self.git("log", "-1", "--format=%B").said.strip()

    def head(self) -> str:
        """The last commit."""
        return self.git("rev-parse", "HEAD").said.strip()


def environment() -> dict[str, str]:
    """That of the tests, but hooks keep their compiled modules, as they do where they are used."""
    return {name: one for name, one in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


@functools.cache
def _template() -> Path:
    """Made once in each process that runs tests: most of them begin with it."""
    root = Path(tempfile.mkdtemp(prefix="dslineage-test-"))
    atexit.register(shutil.rmtree, root)
    work = Work(root)
    work.git("init", "-q", "-b", "main")
    Repository.init(root)
    work.add(ONE)
    work.git("add", "-A")
    work.git("commit", "-qm", "one")
    return root
