"""Clones of one repository, and places where their objects can be kept."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dslineage.remotes.copies import Copy
from tests.versions.support import Bench

DATA = "data/train.jsonl"
ONE = b"".join(b'{"prompt":"q %d","completion":"a %d"}\n' % (i, i) for i in range(600))
TWO = ONE.replace(b'"a 17"', b'"seventeen"') + b'{"prompt":"new","completion":"row"}\n'


@dataclass(frozen=True)
class Place:
    """Where a remote keeps its files: an address, options, and the folder on this machine."""

    url: str
    folder: Path
    options: Mapping[str, str] = field(default_factory=dict)

    def copies(self, kind: str) -> list[Path]:
        """The files of a kind, sorted."""
        return sorted((self.folder / "dslineage" / kind).iterdir())

    def truncate(self, path: Path) -> str:
        """Cut a file in half; the name of the object."""
        data = path.read_bytes()
        path.write_bytes(data[: len(data) // 2])
        copy = Copy.parse(path.parent.name, path.name)
        assert copy is not None
        return copy.name


def origin(root: Path, *versions: bytes) -> Bench:
    """A repository with some committed versions of one file."""
    bench = Bench.make(root)
    for data in versions:
        bench.commit(DATA, data)
    return bench


def join(bench: Bench, place: Place) -> None:
    """Commit where the remote is."""
    bench.repo.remotes.add("storage", place.url, {})
    bench.git("commit", "-q", "-m", "remote")
    if place.options:
        bench.repo.remotes.set("storage", place.options, local=True)


def clone(bench: Bench, root: Path, place: Place | None = None) -> Bench:
    """What `git clone` makes, with the credentials that everybody has to have."""
    shutil.rmtree(root, ignore_errors=True)
    subprocess.run(["git", "clone", "-q", str(bench.root), str(root)], check=True)
    other = Bench(root)
    if place is not None and place.options:
        other.repo.remotes.set("storage", place.options, local=True)
    return other
