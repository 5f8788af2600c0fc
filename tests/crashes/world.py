"""A repository, what it pushes to and its clones, in one folder that can be copied."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dslineage.errors import IntegrityError
from dslineage.ids import Digest
from dslineage.records import FileEntry
from dslineage.remotes.copies import Copy
from dslineage.store.folder import OBJECTS
from dslineage.store.store import Store
from dslineage.versions.restoring import restored
from tests.versions.support import Bench

STORAGE = "storage"
OF_GIT = frozenset({"HEAD.lock", "maintenance.lock"})
"""Locks that `git commit` leaves when it is killed itself, after the commit was made."""


@dataclass(frozen=True)
class World:
    """`work` is a repository; `clone` one that came from it, and `storage` its remote."""

    root: Path

    @classmethod
    def make(cls, root: Path) -> World:
        """A repository with nothing in it."""
        root.mkdir()
        world = cls(root)
        Bench.make(world.work.root)
        world.work.git("commit", "-q", "--allow-empty", "-m", "begin")
        return world

    def copy(self, root: Path) -> World:
        """The same elsewhere."""
        subprocess.run(["cp", "-a", self.root, root], check=True)
        return World(root)

    @property
    def work(self) -> Bench:
        return Bench(self.root / "work")

    @property
    def clone(self) -> Bench:
        return Bench(self.root / "clone")

    @property
    def benches(self) -> list[Bench]:
        return [bench for bench in (self.work, self.clone) if bench.root.exists()]

    def objects(self) -> dict[str, bytes]:
        """The objects of `work`, each as it is on the disk."""
        folders = [self.work.objects / name for name in OBJECTS]
        return {path.name: path.read_bytes() for one in folders for path in one.iterdir()}

    def state(self) -> dict[str, object]:
        """All that people see: files, what git has staged and committed, hooks and settings.

        Temporary files are left out: see `left`.
        """
        found: dict[str, object] = {}
        for bench in self.benches:
            name = bench.root.name
            found |= {
                f"{name}/{path.relative_to(bench.root)}": path.read_bytes()
                for path in sorted(bench.root.rglob("*"))
                if path.is_file()
                and path.suffix != ".tmp"
                and ".git" not in path.relative_to(bench.root).parts[:1]
            }
            staged = (line.split("\t") for line in bench.git("ls-files", "-s").splitlines())
            found |= {f"{name} staged {path}": entry for entry, path in staged}
            found[f"{name} commits"] = bench.git("log", "--all", "--format=%T %s").splitlines()
            found[f"{name} settings"] = (bench.root / ".git/config").read_bytes()
            found[f"{name} hooks"] = {
                path.name: (path.read_bytes(), path.stat().st_mode)
                for path in (bench.root / ".git/hooks").iterdir()
            }
            problems = bench.repo.verify().problems
            found[f"{name} problems"] = sorted((one.kind, one.name) for one in problems)
        found["sent"] = sorted(copy.name for copy in self.sent())
        found["cut"] = self.cut()
        return found

    def data(self) -> dict[str, bytes]:
        """The user's own data files."""
        return {
            str(path.relative_to(self.root)): path.read_bytes()
            for bench in self.benches
            for path in bench.root.rglob("*.jsonl*")
            if path.suffix in {".jsonl", ".gz"}
            and not path.name.startswith(".")
            and ".git" not in path.relative_to(bench.root).parts
        }

    def sent(self) -> list[Copy]:
        """The copies that the remote holds under their final names."""
        return [copy for copy, _ in self._copies()]

    def cut(self) -> list[str]:
        """Copies on the remote with other bytes than their names say."""
        return [copy.path for copy, data in self._copies() if Digest.of(data) != copy.digest]

    def problems(self) -> list[str]:
        """What `verify` finds, and copies on the remote with other bytes than their names say.

        What a clone lacks, since nothing was pulled yet, is no problem.
        """
        found = [
            f"{bench.root.name} {problem.kind} {problem.name}"
            for bench in self.benches
            for problem in bench.repo.verify().problems
            if bench == self.work or not problem.message.startswith("missing object")
        ]
        return found + self.cut()

    def unrestored(self) -> list[str]:
        """The versions in `work` whose files do not come back byte for byte."""
        store = self.work.repo.store
        return [
            f"{info.title} {entry.path}"
            for info in self.work.repo.log().versions
            for entry in info.record.files
            if not _comes_back(store, entry)
        ]

    def left(self) -> list[str]:
        """What an interrupted command left lying about.

        Temporary files among the objects, here and on the remote, lie there until `gc`.
        """
        return [
            str(path.relative_to(self.root))
            for path in self.root.rglob("*")
            if (path.suffix in {".lock", ".owner"} and path.name not in OF_GIT)
            or ".dslineage-" in path.name
            or (path.suffix == ".tmp" and ".git" not in path.parts and STORAGE not in path.parts)
            or (path.is_dir() and path.parent.name == "tmp" and ".git" in path.parts)
        ]

    def _copies(self) -> Iterator[tuple[Copy, bytes]]:
        for folder in OBJECTS:
            for path in (self.root / STORAGE / "dslineage" / folder).glob("*"):
                if copy := Copy.parse(folder, path.name):
                    yield copy, path.read_bytes()


def _comes_back(store: Store, entry: FileEntry) -> bool:
    """Whether a file of a version is restored; one with forgotten examples says so instead."""
    try:
        return Digest.of(b"".join(restored(store, entry))) == entry.sha256
    except IntegrityError as error:
        if error.kind != "forgotten":
            raise
        return True
